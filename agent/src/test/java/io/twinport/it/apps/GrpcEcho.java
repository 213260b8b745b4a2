package io.twinport.it.apps;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * gRPC with the Netty it carries inside, as server and as client: a call that gets its own bytes
 * back. Arguments: {@code host/port …} to listen on, none for a client.
 */
public final class GrpcEcho {
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("Echo/Echo")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private static ManagedChannel channel;

  private GrpcEcho() {}

  /** Runs the server, or the client. */
  public static void main(String[] arguments) throws Exception {
    List<Server> servers = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      Server server = NettyServerBuilder.forAddress(address).addService(service()).build().start();
      servers.add(server);
      ports.add(server.getPort());
    }
    new Console()
        .on("open", words -> open(words[1], Integer.parseInt(words[2])))
        .on("call", words -> call(Integer.parseInt(words[1])))
        .serve(Bindings.report(ports));
    if (channel != null) {
      channel.shutdownNow();
    }
    for (Server server : servers) {
      server.shutdownNow().awaitTermination();
    }
  }

  private static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("Echo")
        .addMethod(
            ECHO,
            ServerCalls.asyncUnaryCall(
                (request, response) -> {
                  response.onNext(request);
                  response.onCompleted();
                }))
        .build();
  }

  private static String open(String host, int port) {
    channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
    return "";
  }

  /** {@code call BYTES}. */
  private static String call(int bytes) {
    byte[] request = new byte[bytes];
    Arrays.fill(request, (byte) 7);
    byte[] answer = ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, request);
    return "equal=" + Arrays.equals(request, answer);
  }
}

package io.twinport.benchmarks.applications;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A call of gRPC that gets its own 128 bytes back. */
final class GrpcEcho implements Client {
  private static final int BYTES = 128;

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

  /** The event loops of all clients, or of the server, as many as Netty has by itself. */
  private static final EventLoopGroup LOOPS = new NioEventLoopGroup();

  private final ManagedChannel channel;
  private final ByteBuffer request = ByteBuffer.allocate(BYTES);
  private long sequence;

  private GrpcEcho(ManagedChannel channel) {
    this.channel = channel;
  }

  static int serve() throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(new NioEventLoopGroup(1))
            .workerEventLoopGroup(LOOPS)
            .addService(service())
            .build()
            .start();
    return server.getPort();
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

  /** A client whose channel connects when it is first used. */
  static GrpcEcho connect(int port) {
    return new GrpcEcho(
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(LOOPS)
            .usePlaintext()
            .build());
  }

  @Override
  public void request() throws IOException {
    request.putLong(0, ++sequence);
    byte[] answer =
        ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, request.array());
    if (!Arrays.equals(request.array(), answer)) {
      throw new IOException("Call " + sequence + " came back as " + Arrays.toString(answer));
    }
  }
}

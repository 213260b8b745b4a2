import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** gRPC's server and client: calls of one message, and a stream in both directions. */
final class Grpc {
  private static final int CALLS = 500;
  private static final int STREAMED = 1000;

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
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
      };

  private static final MethodDescriptor<byte[], byte[]> UNARY =
      method("unary", MethodDescriptor.MethodType.UNARY);
  private static final MethodDescriptor<byte[], byte[]> STREAM =
      method("stream", MethodDescriptor.MethodType.BIDI_STREAMING);

  private Grpc() {}

  private static MethodDescriptor<byte[], byte[]> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES)
        .setFullMethodName("Echo/" + name)
        .setType(type)
        .build();
  }

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Grpc::server, Grpc::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("Echo")
            .addMethod(
                UNARY,
                ServerCalls.asyncUnaryCall(
                    (request, answers) -> {
                      answers.onNext(request);
                      answers.onCompleted();
                    }))
            .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(answers -> answers))
            .build();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", side.port()))
            .addService(service)
            .build()
            .start();
    return () -> server.shutdown().awaitTermination();
  }

  private static String client(Side side) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", side.port()).usePlaintext().build();
    for (int i = 0; i < CALLS; i++) {
      byte[] body = Http.body(i * 100);
      byte[] answer = ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, body);
      Side.check(Arrays.equals(body, answer), "call " + i);
    }
    AtomicInteger streamed = new AtomicInteger();
    CountDownLatch completed = new CountDownLatch(1);
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(STREAM, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] answer) {
                streamed.incrementAndGet();
              }

              @Override
              public void onError(Throwable e) {
                e.printStackTrace();
                completed.countDown();
              }

              @Override
              public void onCompleted() {
                completed.countDown();
              }
            });
    for (int i = 0; i < STREAMED; i++) {
      requests.onNext(Http.body(1000));
    }
    requests.onCompleted();
    Side.check(completed.await(60, TimeUnit.SECONDS), "the stream does not end");
    channel.shutdown().awaitTermination(30, TimeUnit.SECONDS);
    return CALLS + " calls and " + streamed + " messages of a stream";
  }
}

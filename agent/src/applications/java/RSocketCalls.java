import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import io.rsocket.util.DefaultPayload;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** RSocket over TCP: requests, and a stream with back pressure. */
final class RSocketCalls {
  private static final int CALLS = 500;
  private static final int STREAMED = 2000;

  private RSocketCalls() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, RSocketCalls::server, RSocketCalls::client);
  }

  private static AutoCloseable server(Side side) {
    RSocket echo =
        new RSocket() {
          @Override
          public Mono<Payload> requestResponse(Payload payload) {
            return Mono.just(DefaultPayload.create(payload));
          }

          @Override
          public Flux<Payload> requestStream(Payload payload) {
            return Flux.range(0, STREAMED).map(i -> DefaultPayload.create("item " + i));
          }
        };
    CloseableChannel server =
        RSocketServer.create(SocketAcceptor.with(echo))
            .bindNow(TcpServerTransport.create("127.0.0.1", side.port()));
    return () -> {
      server.dispose();
      server.onClose().block();
    };
  }

  private static String client(Side side) {
    RSocket socket =
        RSocketConnector.connectWith(TcpClientTransport.create("127.0.0.1", side.port())).block();
    for (int i = 0; i < CALLS; i++) {
      String text = "x".repeat(i * 10);
      String answer =
          socket.requestResponse(DefaultPayload.create(text)).map(Payload::getDataUtf8).block();
      Side.check(text.equals(answer), "call " + i);
    }
    long streamed =
        socket.requestStream(DefaultPayload.create("all")).limitRate(100).count().block();
    socket.dispose();
    return CALLS + " calls and " + streamed + " items of a stream";
  }
}

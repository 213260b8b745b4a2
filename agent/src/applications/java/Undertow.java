import io.undertow.server.handlers.BlockingHandler;
import java.nio.ByteBuffer;

/** Undertow with a blocking handler. */
final class Undertow {
  private Undertow() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Undertow::server, Http::requests);
  }

  private static AutoCloseable server(Side side) {
    io.undertow.Undertow server =
        io.undertow.Undertow.builder()
            .addHttpListener(side.port(), "127.0.0.1")
            .setHandler(
                new BlockingHandler(
                    exchange -> {
                      byte[] body = exchange.getInputStream().readAllBytes();
                      exchange.getResponseSender().send(ByteBuffer.wrap(body));
                    }))
            .build();
    server.start();
    return server::stop;
  }
}

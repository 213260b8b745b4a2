package io.twinport.it.apps;

import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Undertow, on XNIO, answering a GET with the client's address and a POST with its own body.
 * Arguments: {@code host/port …}.
 */
public final class UndertowHttpServer {
  private UndertowHttpServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Undertow.Builder builder =
        Undertow.builder().setIoThreads(2).setHandler(UndertowHttpServer::answer);
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      builder.addHttpListener(address.getPort(), address.getAddress().getHostAddress());
    }
    Undertow server = builder.build();
    server.start();
    List<Integer> ports =
        server.getListenerInfo().stream()
            .map(listener -> ((InetSocketAddress) listener.getAddress()).getPort())
            .collect(Collectors.toList());
    new Console().serve(Bindings.report(ports));
    server.stop();
  }

  private static void answer(HttpServerExchange exchange) {
    if (exchange.getRequestMethod().equalToString("POST")) {
      exchange
          .getRequestReceiver()
          .receiveFullBytes((same, body) -> same.getResponseSender().send(ByteBuffer.wrap(body)));
      return;
    }
    InetSocketAddress remote = exchange.getSourceAddress();
    exchange
        .getResponseSender()
        .send("/" + remote.getAddress().getHostAddress() + ":" + remote.getPort() + "\n");
  }
}

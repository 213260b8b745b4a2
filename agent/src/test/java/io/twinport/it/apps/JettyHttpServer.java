package io.twinport.it.apps;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * Jetty 12, answering a GET with the client's address and a POST with its own body. Arguments:
 * {@code host/port …}.
 */
public final class JettyHttpServer {
  private static final class Answer extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (request.getMethod().equals("POST")) {
        Content.copy(request, response, callback);
        return true;
      }
      SocketAddress remote = request.getConnectionMetaData().getRemoteSocketAddress();
      byte[] body = (remote + "\n").getBytes(StandardCharsets.UTF_8);
      response.write(true, ByteBuffer.wrap(body), callback);
      return true;
    }
  }

  private static final class Watch implements Connection.Listener {
    private final Tally tally = new Tally();

    @Override
    public void onOpened(Connection connection) {
      tally.accepted(connection.getEndPoint().getRemoteSocketAddress());
    }

    @Override
    public void onClosed(Connection connection) {
      tally.ended(
          connection.getEndPoint().getRemoteSocketAddress(), connection.getBytesIn(), false);
    }
  }

  private JettyHttpServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    Watch watch = new Watch();
    List<ServerConnector> connectors = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      ServerConnector connector = new ServerConnector(server, 1, 1);
      connector.setHost(address.getAddress().getHostAddress());
      connector.setPort(address.getPort());
      connector.addBean(watch);
      server.addConnector(connector);
      connectors.add(connector);
    }
    server.setHandler(new Answer());
    server.start();
    List<Integer> ports = new ArrayList<>();
    for (ServerConnector connector : connectors) {
      ports.add(connector.getLocalPort());
    }
    new Console().on("stats", words -> watch.tally.report()).serve(Bindings.report(ports));
    server.stop();
  }
}

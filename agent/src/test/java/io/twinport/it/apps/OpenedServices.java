package io.twinport.it.apps;

import static io.twinport.it.apps.Opened.ANY_PORT;

import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;

/** What the JDK serves and asks by itself: HTTP, RMI and JMX. */
final class OpenedServices {
  private OpenedServices() {}

  static void open(Opened opened) throws Exception {
    openHttp(opened);
    openRemote(opened);
  }

  private static void openHttp(Opened opened) throws Exception {
    HttpServer running = serve();
    running.start();
    HttpServer created = serve();
    HttpClient client = HttpClient.newHttpClient();
    get(client, running);
    getByUrl(running); // And the connection is kept.
    opened.add("kept connections", () -> get(client, running) + getByUrl(running));
    opened.add(
        "server that is started later",
        () -> {
          created.start();
          return get(client, created) + getByUrl(created);
        });
    opened.add(
        "servers end",
        () -> {
          running.stop(0);
          created.stop(0);
          return true;
        });
  }

  private static HttpServer serve() throws Exception {
    HttpServer server = HttpServer.create(ANY_PORT, 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 1);
          exchange.getResponseBody().write('x');
          exchange.close();
        });
    return server;
  }

  private static URI uri(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private static String get(HttpClient client, HttpServer server) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri(server)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static String getByUrl(HttpServer server) throws Exception {
    try (InputStream body = uri(server).toURL().openStream()) {
      return new String(body.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @SuppressWarnings("BanJNDI") // The program asks itself.
  private static void openRemote(Opened opened) throws Exception {
    int port;
    try (ServerSocket free = OpenedSockets.listen()) {
      port = free.getLocalPort();
    }
    Registry registry = LocateRegistry.createRegistry(port);
    JMXConnectorServer management =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmx"),
            null,
            ManagementFactory.getPlatformMBeanServer());
    management.start();
    opened.add("registry", () -> LocateRegistry.getRegistry("127.0.0.1", port).list()[0]);
    opened.add(
        "management",
        () -> {
          try (JMXConnector connector = JMXConnectorFactory.connect(management.getAddress())) {
            return connector.getMBeanServerConnection().getMBeanCount() > 0;
          } finally {
            management.stop();
            java.rmi.server.UnicastRemoteObject.unexportObject(registry, true);
          }
        });
  }
}

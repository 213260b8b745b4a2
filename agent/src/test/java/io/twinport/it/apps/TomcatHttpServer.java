package io.twinport.it.apps;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/**
 * Tomcat, answering a GET with the client's address and a POST with its own body. Arguments: the
 * protocol, such as {@code org.apache.coyote.http11.Http11Nio2Protocol}, and {@code host/port …}.
 */
public final class TomcatHttpServer {
  /** Kept here, as a logger that nobody holds forgets its level. */
  private static final Logger LOG = Logger.getLogger("org.apache");

  private static final class Answer extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      String address = "/" + request.getRemoteAddr() + ":" + request.getRemotePort() + "\n";
      answer(response, address.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      answer(response, request.getInputStream().readAllBytes());
    }

    private static void answer(HttpServletResponse response, byte[] body) throws IOException {
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  private TomcatHttpServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    LOG.setLevel(Level.SEVERE);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    List<Connector> connectors = new ArrayList<>();
    for (InetSocketAddress address :
        Bindings.parse(List.of(arguments).subList(1, arguments.length).toArray(String[]::new))) {
      Connector connector = new Connector(arguments[0]);
      connector.setProperty("address", address.getAddress().getHostAddress());
      connector.setPort(address.getPort());
      connectors.add(connector);
      tomcat.setConnector(connector);
    }
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "answer", new Answer()).addMapping("/");
    tomcat.start();
    List<Integer> ports = new ArrayList<>();
    for (Connector connector : connectors) {
      ports.add(connector.getLocalPort());
    }
    new Console().serve(Bindings.report(ports));
    tomcat.stop();
    tomcat.destroy();
  }
}

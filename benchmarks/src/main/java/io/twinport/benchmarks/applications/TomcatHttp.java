package io.twinport.benchmarks.applications;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat, with a servlet that answers with the path. */
final class TomcatHttp {
  /** Kept here, as a logger that nobody holds forgets its level. */
  private static final Logger LOG = Logger.getLogger("org.apache");

  private static final class Answer extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] body = request.getRequestURI().getBytes(StandardCharsets.US_ASCII);
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  private TomcatHttp() {}

  static int serve() throws IOException, LifecycleException {
    LOG.setLevel(Level.SEVERE);
    Path folder = Files.createTempDirectory("twinport-benchmark");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
    connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
    connector.setPort(0);
    // It would close a connection after 100 requests.
    connector.setProperty("maxKeepAliveRequests", "-1");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "answer", new Answer()).addMapping("/");
    tomcat.start();
    // Folders for what a servlet may keep, which this one does not. The process will be killed.
    delete(folder);
    return connector.getLocalPort();
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}

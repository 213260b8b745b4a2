import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.catalina.Context;

/** Tomcat with a servlet. */
final class Tomcat {
  private Tomcat() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Tomcat::server, Http::requests);
  }

  private static AutoCloseable server(Side side) throws Exception {
    org.apache.catalina.startup.Tomcat tomcat = new org.apache.catalina.startup.Tomcat();
    tomcat.setBaseDir(Path.of("tomcat").toAbsolutePath().toString());
    tomcat.setSilent(true);
    tomcat.setPort(side.port());
    tomcat.getConnector();
    Context context = tomcat.addContext("", Path.of(".").toAbsolutePath().toString());
    org.apache.catalina.startup.Tomcat.addServlet(context, "echo", new Echo());
    context.addServletMappingDecoded("/echo", "echo");
    tomcat.start();
    return () -> {
      tomcat.stop();
      tomcat.destroy();
    };
  }

  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getOutputStream().write(request.getInputStream().readAllBytes());
    }
  }
}

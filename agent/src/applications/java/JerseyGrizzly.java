import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.net.URI;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.server.ResourceConfig;

/** A Jersey resource, served by Grizzly. */
public final class JerseyGrizzly {
  private JerseyGrizzly() {}

  /** The resource. */
  @Path("echo")
  public static final class Echo {
    /** Gives back what it gets. */
    @POST
    public byte[] echo(byte[] body) {
      return body;
    }
  }

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    Side.run(arguments, JerseyGrizzly::server, Http::requests);
  }

  private static AutoCloseable server(Side side) {
    HttpServer server =
        GrizzlyHttpServerFactory.createHttpServer(
            URI.create("http://127.0.0.1:" + side.port() + "/"), new ResourceConfig(Echo.class));
    return () -> server.shutdown().get();
  }
}

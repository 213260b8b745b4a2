import java.io.PrintWriter;
import java.io.Writer;
import org.hsqldb.server.Server;

/** HSQLDB's server with its JDBC driver. */
final class Hsqldb {
  private Hsqldb() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(
        arguments,
        Hsqldb::server,
        side -> Sql.rows("jdbc:hsqldb:hsql://127.0.0.1:" + side.port() + "/test", "SA", ""));
  }

  private static AutoCloseable server(Side side) {
    Server server = new Server();
    server.setLogWriter(new PrintWriter(Writer.nullWriter()));
    server.setAddress("127.0.0.1");
    server.setPort(side.port());
    server.setDatabaseName(0, "test");
    server.setDatabasePath(0, "mem:test");
    server.start();
    return () -> {
      server.stop();
      while (server.getState() != org.hsqldb.server.ServerConstants.SERVER_STATE_SHUTDOWN) {
        Thread.onSpinWait();
      }
    };
  }
}

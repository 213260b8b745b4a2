import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import org.apache.derby.drda.NetworkServerControl;

/** Derby's network server with its JDBC driver. */
final class Derby {
  private Derby() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(
        arguments,
        Derby::server,
        side ->
            Sql.rows(
                "jdbc:derby://127.0.0.1:" + side.port() + "/memory:test;create=true",
                "app",
                "app"));
  }

  private static AutoCloseable server(Side side) throws Exception {
    NetworkServerControl server =
        new NetworkServerControl(InetAddress.getByName("127.0.0.1"), side.port());
    server.start(new PrintWriter(Writer.nullWriter()));
    Side.awaitPort(side.port());
    return server::shutdown;
  }
}

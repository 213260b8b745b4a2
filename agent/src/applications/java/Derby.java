import java.io.PrintWriter;
import java.io.StringWriter;
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
    StringWriter log = new StringWriter();
    server.start(new PrintWriter(log, true));
    // Not by a connect: it may come between the listener and its twin, and then goes by TCP.
    while (!log.toString().contains("ready to accept connections")) {
      Thread.sleep(20);
    }
    return server::shutdown;
  }
}

import org.h2.tools.Server;

/** H2's TCP server with its JDBC driver. */
final class H2 {
  private H2() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, H2::server, side -> Sql.rows(url(side), "", ""));
  }

  private static String url(Side side) {
    return "jdbc:h2:tcp://127.0.0.1:" + side.port() + "/mem:test";
  }

  private static AutoCloseable server(Side side) throws Exception {
    Server server =
        Server.createTcpServer("-tcpPort", Integer.toString(side.port()), "-ifNotExists").start();
    return server::stop;
  }
}

import org.h2.tools.Server;

/** PostgreSQL's JDBC driver with H2, which speaks its protocol, too. */
final class PostgreSql {
  private PostgreSql() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, PostgreSql::server, side -> Sql.rows(url(side), "sa", "sa"));
  }

  private static String url(Side side) {
    // The driver is not to set what H2 does not know.
    return "jdbc:postgresql://127.0.0.1:" + side.port() + "/test?assumeMinServerVersion=9.0";
  }

  private static AutoCloseable server(Side side) throws Exception {
    Server server =
        Server.createPgServer(
                "-pgPort", Integer.toString(side.port()), "-ifNotExists", "-baseDir", "./h2")
            .start();
    return server::stop;
  }
}

package io.twinport.benchmarks.applications;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.tools.Server;

/** A prepared statement that selects one row by its key, of a table in the server's memory. */
final class H2Rows implements Client {
  private static final int ROWS = 1_000;
  private static final String DATABASE = "mem:benchmark";

  private final PreparedStatement select;
  private int id;

  private H2Rows(PreparedStatement select) {
    this.select = select;
  }

  static int serve() throws SQLException {
    // By a connection within this process: others may not make databases.
    try (Connection connection =
            DriverManager.getConnection("jdbc:h2:" + DATABASE + ";DB_CLOSE_DELAY=-1");
        Statement create = connection.createStatement()) {
      create.execute("CREATE TABLE IF NOT EXISTS ITEM (ID INT PRIMARY KEY, NAME VARCHAR)");
      try (PreparedStatement merge = connection.prepareStatement("MERGE INTO ITEM VALUES (?, ?)")) {
        for (int i = 0; i < ROWS; i++) {
          merge.setInt(1, i);
          merge.setString(2, name(i));
          merge.executeUpdate();
        }
      }
    }
    return Server.createTcpServer("-tcpPort", "0").start().getPort();
  }

  private static String name(int id) {
    return "item " + id;
  }

  static H2Rows connect(int port) throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:h2:tcp://127.0.0.1:" + port + "/" + DATABASE);
    return new H2Rows(connection.prepareStatement("SELECT NAME FROM ITEM WHERE ID = ?"));
  }

  @Override
  public void request() throws SQLException, IOException {
    id = (id + 1) % ROWS;
    select.setInt(1, id);
    try (ResultSet rows = select.executeQuery()) {
      if (!rows.next() || !rows.getString(1).equals(name(id))) {
        throw new IOException("The row of " + id + " is missing or another one");
      }
    }
  }
}

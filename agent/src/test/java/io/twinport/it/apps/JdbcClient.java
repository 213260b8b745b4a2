package io.twinport.it.apps;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A client of a database. */
public final class JdbcClient {
  private static final int VALUE_BYTES = 50_000;

  private final List<Connection> connections = new ArrayList<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    JdbcClient client = new JdbcClient();
    new Console().on("open", client::open).on("rows", client::rows).serve("");
    for (Connection connection : client.connections) {
      connection.close();
    }
  }

  /** {@code open COUNT URL}. */
  private String open(String... words) throws SQLException {
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      connections.add(DriverManager.getConnection(words[2]));
    }
    return "open=" + connections.size();
  }

  /**
   * {@code rows COUNT TABLE}: every connection writes so many rows to a new table of its own, and
   * reads the one of its neighbour.
   */
  private String rows(String... words) throws SQLException {
    int count = Integer.parseInt(words[1]);
    for (int i = 0; i < connections.size(); i++) {
      fill(connections.get(i), words[2] + i, count);
    }
    int good = 0;
    for (int i = 0; i < connections.size(); i++) {
      good += read(connections.get(i), words[2] + (i + 1) % connections.size());
    }
    return "good=" + good;
  }

  private static void fill(Connection connection, String table, int count) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + table + " (ID INT PRIMARY KEY, CONTENT VARBINARY)");
    }
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
      for (int id = 0; id < count; id++) {
        insert.setInt(1, id);
        insert.setBytes(2, value(id));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    connection.commit();
  }

  private static int read(Connection connection, String table) throws SQLException {
    int good = 0;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT ID, CONTENT FROM " + table)) {
      while (rows.next()) {
        good += Arrays.equals(value(rows.getInt(1)), rows.getBytes(2)) ? 1 : 0;
      }
    }
    return good;
  }

  private static byte[] value(int id) {
    byte[] value = new byte[VALUE_BYTES];
    new Random(id).nextBytes(value);
    return value;
  }
}

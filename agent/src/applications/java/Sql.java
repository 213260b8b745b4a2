import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;

/** What is asked of a database: rows that are written, in a transaction, and read again. */
final class Sql {
  private static final int ROWS = 500;

  private Sql() {}

  static String rows(String url, String user, String password) throws Exception {
    try (Connection connection = DriverManager.getConnection(url, user, password);
        Connection other = DriverManager.getConnection(url, user, password)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE numbers (id INT PRIMARY KEY, name VARCHAR(2000))");
      }
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO numbers VALUES (?, ?)")) {
        for (int i = 0; i < ROWS; i++) {
          insert.setInt(1, i);
          insert.setString(2, "n".repeat(i));
          insert.addBatch();
        }
        insert.executeBatch();
      }
      connection.commit();
      try (Statement query = other.createStatement();
          ResultSet rows = query.executeQuery("SELECT COUNT(*), SUM(LENGTH(name)) FROM numbers")) {
        rows.next();
        long letters = rows.getLong(2);
        Side.check(letters == ROWS * (ROWS - 1) / 2, "letters: " + letters);
      }
      int read = 0;
      try (Statement query = other.createStatement();
          ResultSet rows = query.executeQuery("SELECT id, name FROM numbers")) {
        while (rows.next()) {
          Side.check(rows.getString(2).length() == rows.getInt(1), "row " + rows.getInt(1));
          read++;
        }
      }
      connection.commit();
      try (Statement statement = other.createStatement()) {
        statement.execute("DROP TABLE numbers");
      }
      return read + " rows";
    }
  }
}

package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.io.IOException;

/** H2's TCP server with its JDBC driver. */
class H2ServerIT extends ApplicationContract {
  private static final int CONNECTIONS = 2;
  private static final int ROWS = 50;

  private int tables;

  @Override
  Jvm server() throws Exception {
    return Jvm.of("H2Server").with(Setup.library("h2"));
  }

  @Override
  Jvm client() throws Exception {
    return Jvm.of("JdbcClient").with(Setup.library("h2"));
  }

  @Override
  void use(Program client, Program server) throws IOException {
    // The database lives as long as the server, even with nobody connected.
    String url = "jdbc:h2:tcp://127.0.0.1:" + server.port() + "/mem:test;DB_CLOSE_DELAY=-1";
    client.call("open " + CONNECTIONS + " " + url);
    tables++;
    Answer rows = client.call("rows " + ROWS + " T" + tables + "_");
    assertEquals(CONNECTIONS * ROWS, rows.number("good"));
  }
}

package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Echo servers, with a client of every kind of socket that the JDK has. */
abstract class EchoServerContract extends ServerContract {
  private static final int EACH = 3;

  /** The clients, and how many bytes each is to have echoed at once. */
  private static final Map<String, Integer> CLIENTS =
      Map.of(
          "BlockingEchoClient", 4096,
          "SelectorEchoClient", 100_000,
          "SocketEchoClient", 4096,
          "AsyncEchoClient", 50_000);

  private final Map<Program, Integer> clients = new LinkedHashMap<>();

  @Override
  final void startClients() throws IOException {
    for (Map.Entry<String, Integer> client : CLIENTS.entrySet()) {
      clients.put(start(Jvm.of(client.getKey())), client.getValue());
    }
  }

  @Override
  final void connect(String target, int port) throws IOException {
    for (Program client : clients.keySet()) {
      client.call("open " + EACH + " " + target + " " + port);
    }
  }

  @Override
  final int connections(int port) {
    return clients.size() * EACH;
  }

  @Override
  final void talk(String target, int port) throws IOException {
    for (Map.Entry<Program, Integer> client : clients.entrySet()) {
      client.getKey().send("echo " + client.getValue());
    }
    for (Program client : clients.keySet()) {
      assertEquals(0, client.answer("echo").number("wrong"));
    }
  }

  @Override
  final boolean disconnect() throws IOException {
    for (Program client : clients.keySet()) {
      client.call("close");
    }
    return true;
  }

  @Override
  final void stopClients() throws IOException {
    for (Program client : clients.keySet()) {
      client.close();
    }
  }
}

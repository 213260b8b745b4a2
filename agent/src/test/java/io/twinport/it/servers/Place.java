package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import io.twinport.it.support.TwoHosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where a server and its clients are, the addresses it can be bound to, and what carries them. */
abstract class Place implements AutoCloseable {
  /**
   * An address at which a server can be reached.
   *
   * @param index which of the server's ports it is
   * @param binding what the server is bound to there, for people
   * @param target what the client connects to; null if this machine has no such address
   */
  record Target(int index, String binding, String target) {}

  /** What the server is bound to, {@code host/port}. */
  abstract List<String> bindings() throws IOException;

  abstract List<Target> targets() throws IOException;

  abstract Jvm server(Jvm jvm);

  abstract Jvm client(Jvm jvm);

  /** A command that is to run where clients do. */
  abstract List<String> clientCommand(List<String> words);

  abstract SwitchStatus status(Program server) throws Exception;

  /** The provider that carries connections here. */
  abstract String provider();

  /** The path of a listener that is bound to an address of the server's. */
  abstract String listenerPath();

  /** How many lines of {@code /proc/net/tcp} a connection would be where the server is. */
  abstract int linesOnTcp();

  /** Whether a client's port on the SAN can't be that of another client on TCP. */
  abstract boolean portsAreTheSansOwn();

  /** So many connections are open at a port of the server, and TCP knows of none of them. */
  final void assertOffTcp(Program server, int port, int connections) throws IOException {
    if (Setup.SAN) {
      assertEquals(List.of(), ProcFs.established(server, port), "TCP at port " + port);
    } else {
      assertOnTcp(server, port, connections);
    }
  }

  /** So many connections are open at a port of the server, and all of them are TCP's. */
  final void assertOnTcp(Program server, int port, int connections) throws IOException {
    List<String> established = ProcFs.established(server, port);
    assertEquals(linesOnTcp() * connections, established.size(), () -> established.toString());
  }

  @Override
  public void close() throws IOException {}

  /** This host, with shared memory. */
  static Place thisHost() {
    return new ThisHost();
  }

  private static final class ThisHost extends Place {
    private static final String FIXED = "127.0.0.1";

    @Override
    List<String> bindings() throws IOException {
      String host = Setup.hostAddress();
      return List.of(
          "127.0.0.1/0",
          "0.0.0.0/0",
          "::/0",
          "::1/0",
          (host == null ? "127.0.0.1" : host) + "/0",
          FIXED + "/" + Setup.freePorts(1)[0]);
    }

    @Override
    List<Target> targets() throws IOException {
      String host = Setup.hostAddress();
      return List.of(
          new Target(0, "127.0.0.1", "127.0.0.1"),
          new Target(1, "0.0.0.0", "127.0.0.1"),
          new Target(1, "0.0.0.0", host),
          new Target(2, "::", "127.0.0.1"),
          new Target(2, "::", "::1"),
          new Target(2, "::", host),
          new Target(3, "::1", "::1"),
          new Target(4, "the host address", host),
          new Target(5, "a port of its choice", FIXED));
    }

    @Override
    Jvm server(Jvm jvm) {
      return jvm;
    }

    @Override
    Jvm client(Jvm jvm) {
      return jvm;
    }

    @Override
    List<String> clientCommand(List<String> words) {
      return words;
    }

    @Override
    SwitchStatus status(Program server) throws Exception {
      return SwitchStatus.of(server);
    }

    @Override
    String provider() {
      return "shm";
    }

    @Override
    String listenerPath() {
      return "tcp+shm";
    }

    @Override
    int linesOnTcp() {
      return 2; // Both ends are here.
    }

    @Override
    boolean portsAreTheSansOwn() {
      return true;
    }
  }

  /** Two hosts side by side, with {@code ucx} between them. */
  static Place twoHosts() {
    try {
      return new BetweenHosts(TwoHosts.near());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static final class BetweenHosts extends Place {
    private final TwoHosts hosts;

    BetweenHosts(TwoHosts hosts) {
      this.hosts = hosts;
    }

    @Override
    List<String> bindings() {
      return List.of(hosts.server().address() + "/0", "0.0.0.0/0", "::/0");
    }

    @Override
    List<Target> targets() {
      List<Target> targets = new ArrayList<>();
      String address = hosts.server().address();
      for (String binding : List.of("the host address", "0.0.0.0", "::")) {
        targets.add(new Target(targets.size(), binding, address));
      }
      return targets;
    }

    @Override
    Jvm server(Jvm jvm) {
      return hosts.server().run(jvm);
    }

    @Override
    Jvm client(Jvm jvm) {
      return hosts.client().run(jvm);
    }

    @Override
    List<String> clientCommand(List<String> words) {
      return hosts.client().command(words);
    }

    @Override
    SwitchStatus status(Program server) throws Exception {
      return hosts.server().status(server);
    }

    @Override
    String provider() {
      return "ucx";
    }

    @Override
    String listenerPath() {
      return "tcp+shm+ucx";
    }

    @Override
    int linesOnTcp() {
      return 1;
    }

    @Override
    boolean portsAreTheSansOwn() {
      return false; // They are those of UCX's own connections, out of the same range.
    }

    @Override
    public void close() throws IOException {
      hosts.close();
    }
  }
}

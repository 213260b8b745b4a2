import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One side of an application. It is told on standard input what to do, and answers on standard
 * output, a line each: {@code ready}, then {@code ok} and what has come of it. Whatever else would
 * go to standard output goes to a file of the folder that it runs in.
 */
final class Side {
  /** What a server is: started when this returns, stopped by what it returns. */
  interface Server {
    AutoCloseable start(Side side) throws Exception;
  }

  /** What a client does; returns what has come of it, the same each time. */
  interface Client {
    String use(Side side) throws Exception;
  }

  private static final PrintStream ANSWERS =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  private final int node;
  private final int[] ports;
  private final int portsOfNode;
  private boolean exits;

  private Side(int node, int[] ports, int portsOfNode) {
    this.node = node;
    this.ports = ports;
    this.portsOfNode = portsOfNode;
  }

  /**
   * Runs one side.
   *
   * @param arguments {@code server} or {@code client}, which node of the server it is, how many
   *     ports a node has, and the ports of all nodes with commas between them
   */
  static void run(String[] arguments, Server server, Client client) throws Exception {
    System.setOut(
        new PrintStream(new FileOutputStream("output.log"), true, StandardCharsets.UTF_8));
    int[] ports = Arrays.stream(arguments[3].split(",")).mapToInt(Integer::parseInt).toArray();
    Side side = new Side(Integer.parseInt(arguments[1]), ports, Integer.parseInt(arguments[2]));
    AutoCloseable running = arguments[0].equals("server") ? server.start(side) : () -> {};
    ANSWERS.println("ready ports=" + side.port());
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      if (line.equals("quit")) {
        running.close();
        ANSWERS.println("ok");
        if (side.exits) {
          System.exit(0);
        }
        return;
      }
      try {
        ANSWERS.println("ok " + client.use(side));
      } catch (Exception e) {
        e.printStackTrace();
        ANSWERS.println("error " + e);
      }
    }
  }

  /** Which node of the server this is, from 0 on. */
  int node() {
    return node;
  }

  int nodes() {
    return ports.length / portsOfNode;
  }

  /** The first port of this node, or of the first one at a client. */
  int port() {
    return port(0);
  }

  /** A port of this node. */
  int port(int index) {
    return port(node, index);
  }

  /** A port of some node. */
  int port(int ofNode, int index) {
    return ports[ofNode * portsOfNode + index];
  }

  /** Has the JVM end by {@code System.exit}, where the application's own main class does. */
  void exits() {
    exits = true;
  }

  /**
   * Has the JDK's log stay silent, for programs whose threads log in an order, and so in words,
   * that differ from one run to the next.
   */
  static void logsNothing() {
    Logger.getLogger("").setLevel(Level.OFF);
  }

  /** Has the server killed and started again, while the client goes on. */
  void killServer() {
    ANSWERS.println("event kill");
  }

  /** Fails with a message unless it is so. */
  static void check(boolean so, String message) {
    if (!so) {
      throw new IllegalStateException(message);
    }
  }

  /** Waits until something listens at a port of this host. */
  static void awaitPort(int port) throws Exception {
    for (int tries = 0; ; tries++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (java.io.IOException e) {
        if (tries == 600) {
          throw e;
        }
        Thread.sleep(100);
      }
    }
  }
}

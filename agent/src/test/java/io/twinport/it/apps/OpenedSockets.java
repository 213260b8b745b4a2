package io.twinport.it.apps;

import static io.twinport.it.apps.Opened.ANY_PORT;
import static io.twinport.it.apps.Opened.LOOPBACK;
import static io.twinport.it.apps.Opened.blocked;
import static io.twinport.it.apps.Opened.pass;
import static io.twinport.it.apps.Opened.talk;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLServerSocketFactory;

/** Sockets of {@code java.net} in each of their states. */
final class OpenedSockets {
  private OpenedSockets() {}

  /** Accepts into sockets of its own making. */
  private static final class OwnServerSocket extends ServerSocket {
    OwnServerSocket() throws IOException {
      super(0, 50, LOOPBACK);
    }

    @Override
    public Socket accept() throws IOException {
      Socket own = new Socket();
      own.setSoTimeout(1234);
      implAccept(own);
      return own;
    }
  }

  static void open(Opened opened) throws Exception {
    openServers(opened);
    openBlockedServers(opened);
    openClients(opened);
    openConnected(opened);
  }

  private static void openServers(Opened opened) throws Exception {
    ServerSocket unbound = new ServerSocket();
    opened.add(
        "unbound",
        () -> {
          unbound.bind(ANY_PORT);
          return acceptTwice(unbound);
        });
    ServerSocket bound = listen();
    opened.add("bound", () -> acceptTwice(bound));
    ServerSocket between = listen();
    Socket client = connect(between);
    Socket accepted = between.accept();
    opened.add(
        "between accepts", () -> acceptTwice(between) + talk(client, accepted) + between.isBound());
    ServerSocket timed = listen();
    timed.setSoTimeout(50);
    opened.add("accept that times out", timed::accept);
    ServerSocket toBeClosed = listen();
    opened.add(
        "closed later",
        () -> {
          toBeClosed.close();
          return toBeClosed.accept();
        });
    ServerSocket closed = listen();
    closed.close();
    opened.add("closed before", closed::accept);
    ServerSocket own = new OwnServerSocket();
    opened.add(
        "accepts into its own",
        () -> {
          Socket peer = connect(own);
          Socket into = own.accept();
          return into.getSoTimeout() + " " + talk(peer, into) + acceptTwice(own);
        });
    ServerSocket masked = OwnSockets.servers().createServerSocket(0, 50, LOOPBACK);
    opened.add(
        "of a factory",
        () -> {
          SocketFactory clients = OwnSockets.clients();
          return talk(clients.createSocket(LOOPBACK, masked.getLocalPort()), masked.accept());
        });
    ServerSocketFactory tls = SSLServerSocketFactory.getDefault();
    ServerSocket secure = tls.createServerSocket(0, 50, LOOPBACK);
    opened.add(
        "TLS",
        () -> {
          try (Socket peer = connect(secure);
              Socket into = secure.accept()) {
            return into.getPort() == peer.getLocalPort();
          }
        });
  }

  private static void openBlockedServers(Opened opened) throws Exception {
    for (int millis : new int[] {0, 600_000}) {
      ServerSocket accepting = listen();
      accepting.setSoTimeout(millis);
      FutureTask<Object> accept = blocked("accept", accepting::accept);
      opened.add(
          "blocked in accept, timeout " + millis,
          () -> talk(connect(accepting), (Socket) accept.get()) + acceptTwice(accepting));
      ServerSocket closing = listen();
      closing.setSoTimeout(millis);
      FutureTask<Object> ending = blocked("accept", closing::accept);
      opened.add(
          "closed while in accept, timeout " + millis,
          () -> {
            closing.close();
            return ending.get();
          });
    }
  }

  private static void openClients(Opened opened) throws Exception {
    Socket unconnected = new Socket();
    unconnected.setTcpNoDelay(true);
    opened.add("unconnected", () -> connectAndTalk(unconnected) + unconnected.isClosed());
    Socket bound = new Socket();
    bound.bind(ANY_PORT);
    opened.add("bound client", () -> connectAndTalk(bound));
    Socket direct = new Socket(java.net.Proxy.NO_PROXY);
    opened.add("no proxy", () -> connectAndTalk(direct));
    ServerSocket full = new ServerSocket(0, 1, LOOPBACK);
    List<Socket> fillers = new ArrayList<>();
    fill(full, fillers);
    Socket connecting = new Socket();
    FutureTask<Object> connect =
        blocked(
            "connect",
            () -> {
              connecting.connect(full.getLocalSocketAddress());
              return connecting.isConnected();
            });
    opened.add(
        "connecting",
        () -> {
          for (Socket filler : fillers) {
            filler.close();
            full.accept().close();
          }
          return connect.get() + talk(connecting, full.accept());
        });
  }

  private static void fill(ServerSocket full, List<Socket> fillers) throws IOException {
    while (true) {
      Socket filler = new Socket();
      try {
        filler.connect(full.getLocalSocketAddress(), 300);
        fillers.add(filler);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
  }

  private static void openConnected(Opened opened) throws Exception {
    ServerSocket server = listen();
    Socket idle = connect(server);
    Socket idlePeer = server.accept();
    opened.add("connected", () -> talk(idle, idlePeer));
    Socket reading = connect(server);
    Socket readingPeer = server.accept();
    FutureTask<Object> read = blocked("read", () -> reading.getInputStream().read());
    opened.add(
        "blocked in read",
        () -> {
          readingPeer.getOutputStream().write(9);
          return read.get() + talk(reading, readingPeer);
        });
    Socket closing = connect(server);
    Socket closingPeer = server.accept();
    FutureTask<Object> ending = blocked("read", () -> closing.getInputStream().read());
    opened.add(
        "closed while in read",
        () -> {
          closing.close();
          String peer = " " + closingPeer.getInputStream().read();
          return Opened.outcome(ending::get) + peer;
        });
    Socket half = connect(server);
    Socket halfPeer = server.accept();
    half.shutdownOutput();
    opened.add(
        "half-closed",
        () ->
            halfPeer.getInputStream().read()
                + pass(halfPeer.getOutputStream(), half.getInputStream(), 5)
                + half.isOutputShutdown());
    Socket closed = connect(server);
    closed.close();
    opened.add("closed client", closed::getInputStream);
  }

  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, LOOPBACK);
  }

  static Socket connect(ServerSocket server) throws IOException {
    return new Socket(LOOPBACK, server.getLocalPort());
  }

  private static String connectAndTalk(Socket client) throws IOException {
    try (ServerSocket server = listen()) {
      client.connect(new InetSocketAddress(LOOPBACK, server.getLocalPort()));
      return talk(client, server.accept());
    }
  }

  private static String acceptTwice(ServerSocket server) throws IOException {
    String first = talk(connect(server), server.accept());
    return first + " " + talk(connect(server), server.accept()) + " ";
  }
}

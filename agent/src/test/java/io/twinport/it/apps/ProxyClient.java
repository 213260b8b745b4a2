package io.twinport.it.apps;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects to an echo server in all the ways in which a proxy can be asked for, and tells how many
 * of the connects went through the SOCKS proxy that this process is itself.
 */
public final class ProxyClient {
  private static final ProxySelector JDKS = ProxySelector.getDefault();

  private final AtomicInteger proxied = new AtomicInteger();
  private final AtomicInteger selected = new AtomicInteger();
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final SocketAddress address = listener.getLocalSocketAddress();

  private ProxyClient() throws IOException {
    Thread thread = new Thread(this::serve, "socks");
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    ProxyClient client = new ProxyClient();
    new Console()
        .on("none", words -> client.connect(words, new Socket()))
        .on("given", words -> client.connect(words, new Socket(client.proxy())))
        .on("direct", words -> client.connect(words, new Socket(Proxy.NO_PROXY)))
        .on("attempt", client::attempt)
        .on("property", client::byProperty)
        .on("selector", client::bySelector)
        .on("no-selector", client::withoutSelector)
        .serve("");
  }

  private Proxy proxy() {
    return new Proxy(Proxy.Type.SOCKS, address);
  }

  /** As {@code none}; what it fails with is an answer, too. */
  private String attempt(String... words) {
    try {
      return connect(words, new Socket());
    } catch (IOException e) {
      return "failed=" + e.toString().replace(' ', '_');
    }
  }

  private String byProperty(String... words) throws IOException {
    System.setProperty("socksNonProxyHosts", ""); // Otherwise no loopback address goes through.
    System.setProperty("socksProxyHost", InetAddress.getLoopbackAddress().getHostAddress());
    System.setProperty("socksProxyPort", Integer.toString(listener.getLocalPort()));
    try {
      return connect(words, new Socket());
    } finally {
      System.clearProperty("socksProxyHost");
      System.clearProperty("socksProxyPort");
    }
  }

  private String bySelector(String... words) throws IOException {
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            selected.incrementAndGet();
            return List.of(uri.getScheme().equals("socket") ? proxy() : Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress to, IOException why) {
            throw new IllegalStateException(uri + " through " + to, why);
          }
        });
    try {
      return connect(words, new Socket());
    } finally {
      ProxySelector.setDefault(JDKS);
    }
  }

  private String withoutSelector(String... words) throws IOException {
    ProxySelector.setDefault(null);
    try {
      return connect(words, new Socket());
    } finally {
      ProxySelector.setDefault(JDKS);
    }
  }

  /** {@code HOW HOST PORT}. */
  private String connect(String[] words, Socket unconnected) throws IOException {
    proxied.set(0);
    selected.set(0);
    try (Socket socket = unconnected) {
      socket.connect(new InetSocketAddress(words[1], Integer.parseInt(words[2])), 10_000);
      socket.getOutputStream().write(42);
      int echoed = socket.getInputStream().read();
      return "echoed=" + echoed + " proxied=" + proxied + " selected=" + selected;
    }
  }

  private void serve() {
    try {
      while (true) {
        try (Socket client = listener.accept()) {
          forward(client);
        }
      }
    } catch (IOException e) {
      System.err.println("socks: " + e);
    }
  }

  /** As much of SOCKS 5 (RFC 1928) as one byte there and back needs, to an IPv4 address. */
  private void forward(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = client.getOutputStream();
    in.readByte();
    in.readNBytes(in.readUnsignedByte());
    out.write(new byte[] {5, 0});
    in.readNBytes(4);
    InetAddress host = InetAddress.getByAddress(in.readNBytes(4));
    int port = in.readUnsignedShort();
    try (Socket server = new Socket(Proxy.NO_PROXY)) {
      server.connect(new InetSocketAddress(host, port));
      proxied.incrementAndGet();
      out.write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
      server.getOutputStream().write(in.readByte());
      out.write(server.getInputStream().read());
    }
  }
}

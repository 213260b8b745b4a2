package io.twinport.contract.socket.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.socket.SocketContract;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Sockets that connect by way of a SOCKS or an HTTP proxy, or expressly of none. */
public abstract class SocketProxyContract extends SocketContract {
  private static final int SOCKS_GRANTED = 0;
  private static final int SOCKS_REFUSED = 5;
  private static final int SOCKS_IPV4 = 1;

  protected SocketProxyContract(Transport transport) {
    super(transport);
  }

  /** One client's way through a proxy; tells the host that the client asked for. */
  @FunctionalInterface
  private interface Service {
    String serve(Socket client) throws IOException;
  }

  /** A proxy for one client. */
  private final class OneProxy {
    final ServerSocket server = SocketProxyContract.this.serve();
    final Background<String> served;

    OneProxy(Service service) throws IOException {
      served = spawn(() -> service.serve(acceptFrom(server)));
    }

    Proxy of(Proxy.Type type) {
      return new Proxy(type, server.getLocalSocketAddress());
    }
  }

  private Socket newSocket(Proxy proxy) throws IOException {
    return closing(transport.newSocket(proxy));
  }

  private void relay(Socket client, int port) throws IOException {
    Socket target = newSocket();
    target.connect(new InetSocketAddress(Addresses.LOOPBACK4, port));
    spawn(() -> pump(client, target));
    spawn(() -> pump(target, client));
  }

  private static long pump(Socket from, Socket to) throws IOException {
    long count = from.getInputStream().transferTo(to.getOutputStream());
    to.shutdownOutput();
    return count;
  }

  /** RFC 1928 with neither authentication nor any command but CONNECT. */
  private Service socks(int answer) {
    return client -> {
      DataInputStream in = new DataInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      assertEquals(5, in.read(), "version");
      in.readNBytes(in.read());
      out.write(new byte[] {5, 0});
      in.readNBytes(3);
      String host;
      if (in.read() == SOCKS_IPV4) {
        host = InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
      } else {
        host = new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII);
      }
      int port = in.readUnsignedShort();
      out.write(new byte[] {5, (byte) answer, 0, 1, 127, 0, 0, 1, 0, 1});
      if (answer == SOCKS_GRANTED) {
        relay(client, port);
      }
      return host;
    };
  }

  /** RFC 9110's CONNECT. */
  private Service http(String answer) {
    return client -> {
      StringBuilder head = new StringBuilder();
      InputStream in = client.getInputStream();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.read());
      }
      String authority = head.toString().split(" ", 3)[1];
      client
          .getOutputStream()
          .write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      if (answer.startsWith("200")) {
        relay(client, Integer.parseInt(authority.substring(authority.indexOf(':') + 1)));
      }
      return authority.substring(0, authority.indexOf(':'));
    };
  }

  @Test
  void socksProxyRelays() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_GRANTED));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    socket.connect(server.getLocalSocketAddress());
    assertEquals("127.0.0.1", proxy.served.join());
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void socksProxyRelaysMegabytesToTheirEnd() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_GRANTED));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    socket.connect(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    byte[] data = Payload.random(1, 3_000_000);
    Background<Void> sender =
        spawn(
            () -> {
              socket.getOutputStream().write(data);
              socket.shutdownOutput();
              return null;
            });
    assertEquals(Payload.hash(data), Payload.hash(accepted.getInputStream().readAllBytes()));
    sender.join();
  }

  @Test
  void socksProxyIsGivenTheNameOfAnUnresolvedHost() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_GRANTED));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    socket.connect(InetSocketAddress.createUnresolved("name.invalid", server.getLocalPort()));
    assertEquals("name.invalid", proxy.served.join());
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void socketBehindASocksProxyTellsOfItsTarget() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_GRANTED));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    socket.connect(server.getLocalSocketAddress());
    assertEquals(server.getLocalSocketAddress(), socket.getRemoteSocketAddress());
    assertTrue(socket.isConnected());
  }

  @Test
  void refusalOfASocksProxyIsToldAsTheJdks() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_REFUSED));
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    InetSocketAddress target = new InetSocketAddress(Addresses.LOOPBACK4, 9);
    assertSocketException("SOCKS: Connection refused", () -> socket.connect(target));
  }

  @Test
  void absentSocksProxyIsARefusal() throws Exception {
    Proxy nobody = new Proxy(Proxy.Type.SOCKS, abandonedPort());
    InetSocketAddress target = new InetSocketAddress(Addresses.LOOPBACK4, 9);
    assertSocketException(Refusals.CONNECTING.words(), () -> newSocket(nobody).connect(target));
  }

  @Test
  void silentSocksProxyTimesOut() throws Exception {
    ServerSocket silent = serve();
    Socket socket = newSocket(new Proxy(Proxy.Type.SOCKS, silent.getLocalSocketAddress()));
    InetSocketAddress target = new InetSocketAddress(Addresses.LOOPBACK4, 9);
    assertThrows(SocketTimeoutException.class, () -> socket.connect(target, 80));
  }

  @Test
  void httpProxyRelays() throws Exception {
    OneProxy proxy = new OneProxy(http("200 OK"));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.HTTP));
    socket.connect(server.getLocalSocketAddress());
    assertEquals("127.0.0.1", proxy.served.join());
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void refusalOfAnHttpProxyIsToldAsTheJdks() throws Exception {
    OneProxy proxy = new OneProxy(http("403 Forbidden"));
    Socket socket = newSocket(proxy.of(Proxy.Type.HTTP));
    IOException e =
        assertThrows(
            IOException.class, () -> socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, 9)));
    assertTrue(e.getMessage().contains("Unable to tunnel through proxy"), e.getMessage());
  }

  @Test
  void noProxyIsADirectConnection() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket(Proxy.NO_PROXY);
    socket.connect(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void optionsAreThoseOfTheConnectionToTheProxy() throws Exception {
    OneProxy proxy = new OneProxy(socks(SOCKS_GRANTED));
    ServerSocket server = serve();
    Socket socket = newSocket(proxy.of(Proxy.Type.SOCKS));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(50);
    socket.connect(server.getLocalSocketAddress());
    assertTrue(socket.getTcpNoDelay());
    assertEquals(50, socket.getSoTimeout());
    assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
  }
}

package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/** Options of {@code java.net}'s sockets, old style and new: the JDK's values and exceptions. */
public abstract class SocketOptionContract extends SocketContract {
  protected SocketOptionContract(Transport transport) {
    super(transport);
  }

  /** Either kind of socket, as something that has options. */
  private interface Optioned {
    Set<SocketOption<?>> supportedOptions();

    <T> T get(SocketOption<T> option) throws IOException;

    <T> void set(SocketOption<T> option, T value) throws IOException;

    static Optioned of(Socket socket) {
      return new Optioned() {
        @Override
        public Set<SocketOption<?>> supportedOptions() {
          return socket.supportedOptions();
        }

        @Override
        public <T> T get(SocketOption<T> option) throws IOException {
          return socket.getOption(option);
        }

        @Override
        public <T> void set(SocketOption<T> option, T value) throws IOException {
          assertSame(socket, socket.setOption(option, value));
        }
      };
    }

    static Optioned of(ServerSocket server) {
      return new Optioned() {
        @Override
        public Set<SocketOption<?>> supportedOptions() {
          return server.supportedOptions();
        }

        @Override
        public <T> T get(SocketOption<T> option) throws IOException {
          return server.getOption(option);
        }

        @Override
        public <T> void set(SocketOption<T> option, T value) throws IOException {
          assertSame(server, server.setOption(option, value));
        }
      };
    }
  }

  /** All that {@code java.net} sets by number, and one that nobody knows. */
  private static final int[] NUMBERS = {
    SocketOptions.SO_TIMEOUT,
    SocketOptions.SO_LINGER,
    SocketOptions.IP_TOS,
    SocketOptions.TCP_NODELAY,
    SocketOptions.SO_SNDBUF,
    SocketOptions.SO_RCVBUF,
    SocketOptions.SO_KEEPALIVE,
    SocketOptions.SO_OOBINLINE,
    SocketOptions.SO_REUSEADDR,
    SocketOptions.SO_REUSEPORT,
    SocketOptions.SO_BROADCAST,
    4711
  };

  /** An option that no socket has. */
  private static final SocketOption<Integer> UNHEARD_OF =
      new SocketOption<>() {
        @Override
        public String name() {
          return "UNHEARD_OF";
        }

        @Override
        public Class<Integer> type() {
          return Integer.class;
        }

        @Override
        public String toString() {
          return name();
        }
      };

  private static List<SocketOption<?>> sorted(Set<SocketOption<?>> options) {
    List<SocketOption<?>> sorted = new ArrayList<>(options);
    sorted.sort(Comparator.comparing(SocketOption::name));
    return sorted;
  }

  /**
   * Values that the kernel tunes by itself once connected, by what memory it has at that moment, or
   * takes from the network card. A size that was set stays.
   */
  private static boolean isTunedByTheKernel(SocketOption<?> option) {
    return option.equals(StandardSocketOptions.SO_SNDBUF)
        || option.equals(StandardSocketOptions.SO_RCVBUF)
        || option.name().equals("SO_INCOMING_NAPI_ID");
  }

  private static String values(Optioned socket, boolean connected) {
    Map<String, String> values = new TreeMap<>();
    for (SocketOption<?> option : sorted(socket.supportedOptions())) {
      if (!connected || !isTunedByTheKernel(option)) {
        values.put(option.name(), Outcome.of(() -> socket.get(option)));
      }
    }
    return lines(values);
  }

  private static <T> String set(Optioned socket, SocketOption<T> option, Object value) {
    return Outcome.ofAction(() -> socket.set(option, option.type().cast(value)));
  }

  /** Sets every option to values good and bad; tells how each ended, and what is read back. */
  private static String setEverything(Optioned socket) {
    Map<String, String> outcomes = new TreeMap<>();
    for (SocketOption<?> option : sorted(socket.supportedOptions())) {
      List<Object> values = new ArrayList<>();
      values.add(null);
      if (option.type() == Boolean.class) {
        values.addAll(List.of(true, false, true));
      } else {
        values.addAll(List.of(-1, 0, 1, 7, 255, 256, 20_000, 70_000, 1_000_000));
      }
      boolean tuned = isTunedByTheKernel(option);
      for (int i = 0; i < values.size(); i++) {
        Object value = values.get(i);
        String outcome = set(socket, option, value);
        tuned &= !outcome.equals(Outcome.NORMAL);
        String then = tuned ? "the kernel's" : Outcome.of(() -> socket.get(option));
        outcomes.put(option.name() + " " + i + " := " + value, outcome + ", then " + then);
      }
    }
    return lines(outcomes);
  }

  private static String lines(Map<String, String> facts) {
    StringBuilder lines = new StringBuilder();
    facts.forEach((name, fact) -> lines.append(name).append(": ").append(fact).append('\n'));
    return lines.toString();
  }

  /** The setters and getters that are older than {@link SocketOption}. */
  private static String useOldSetters(Socket socket, boolean connected) {
    Map<String, String> facts = new TreeMap<>();
    facts.put("noDelay", Outcome.ofAction(() -> socket.setTcpNoDelay(true)));
    facts.put("noDelay?", Outcome.of(socket::getTcpNoDelay));
    facts.put("keepAlive", Outcome.ofAction(() -> socket.setKeepAlive(true)));
    facts.put("keepAlive?", Outcome.of(socket::getKeepAlive));
    facts.put("linger", Outcome.ofAction(() -> socket.setSoLinger(true, 9)));
    facts.put("linger?", Outcome.of(socket::getSoLinger));
    facts.put("oobInline", Outcome.ofAction(() -> socket.setOOBInline(true)));
    facts.put("oobInline?", Outcome.of(socket::getOOBInline));
    facts.put("reuseAddress", Outcome.ofAction(() -> socket.setReuseAddress(true)));
    facts.put("reuseAddress?", Outcome.of(socket::getReuseAddress));
    facts.put("timeout", Outcome.ofAction(() -> socket.setSoTimeout(77)));
    facts.put("timeout?", Outcome.of(socket::getSoTimeout));
    for (int trafficClass : new int[] {-1, 0, 0x10, 0x1c, 0xff, 256}) {
      facts.put(
          "trafficClass " + trafficClass,
          Outcome.ofAction(() -> socket.setTrafficClass(trafficClass)));
      facts.put("trafficClass " + trafficClass + "?", Outcome.of(socket::getTrafficClass));
    }
    for (int size : new int[] {-1, 0, 1, 30_000, Integer.MAX_VALUE}) {
      facts.put("sendBuffer " + size, Outcome.ofAction(() -> socket.setSendBufferSize(size)));
      facts.put("receiveBuffer " + size, Outcome.ofAction(() -> socket.setReceiveBufferSize(size)));
      if (!connected) {
        facts.put("sendBuffer " + size + "?", Outcome.of(socket::getSendBufferSize));
        facts.put("receiveBuffer " + size + "?", Outcome.of(socket::getReceiveBufferSize));
      }
    }
    return lines(facts);
  }

  private static String useOldSetters(ServerSocket server) {
    Map<String, String> facts = new TreeMap<>();
    facts.put("reuseAddress", Outcome.ofAction(() -> server.setReuseAddress(false)));
    facts.put("reuseAddress?", Outcome.of(server::getReuseAddress));
    facts.put("timeout", Outcome.ofAction(() -> server.setSoTimeout(77)));
    facts.put("timeout?", Outcome.of(server::getSoTimeout));
    for (int size : new int[] {-1, 0, 1, 30_000, Integer.MAX_VALUE}) {
      facts.put("receiveBuffer " + size, Outcome.ofAction(() -> server.setReceiveBufferSize(size)));
      facts.put("receiveBuffer " + size + "?", Outcome.of(server::getReceiveBufferSize));
    }
    return lines(facts);
  }

  @Test
  void socketSupportsWhatTheJdksDoes() throws Exception {
    assertAsTheJdks(sockets -> sorted(sockets.newSocket().supportedOptions()).toString());
  }

  @Test
  void serverSupportsWhatTheJdksDoes() throws Exception {
    assertAsTheJdks(sockets -> sorted(sockets.newServerSocket().supportedOptions()).toString());
  }

  @Test
  void connectedEndsSupportWhatTheJdksDo() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          return sorted(ends.near().supportedOptions()).toString()
              + sorted(ends.far().supportedOptions());
        });
  }

  @Test
  void supportedOptionsCannotBeChanged() throws Exception {
    Set<SocketOption<?>> options = newSocket().supportedOptions();
    assertThrows(UnsupportedOperationException.class, () -> options.remove(UNHEARD_OF));
    assertThrows(UnsupportedOperationException.class, () -> options.add(UNHEARD_OF));
  }

  @Test
  void newSocketHasTheJdksValues() throws Exception {
    assertAsTheJdks(sockets -> values(Optioned.of(sockets.newSocket()), false));
  }

  @Test
  void boundSocketHasTheJdksValues() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
          return values(Optioned.of(socket), false);
        });
  }

  @Test
  void connectedSocketHasTheJdksValues() throws Exception {
    assertAsTheJdks(sockets -> values(Optioned.of(sockets.connect().near()), true));
  }

  @Test
  void acceptedSocketHasTheJdksValues() throws Exception {
    assertAsTheJdks(sockets -> values(Optioned.of(sockets.connect().far()), true));
  }

  @Test
  void newServerHasTheJdksValues() throws Exception {
    assertAsTheJdks(sockets -> values(Optioned.of(sockets.newServerSocket()), false));
  }

  @Test
  void listeningServerHasTheJdksValues() throws Exception {
    assertAsTheJdks(sockets -> values(Optioned.of(sockets.serve()), false));
  }

  @Test
  void newSocketIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(sockets -> setEverything(Optioned.of(sockets.newSocket())));
  }

  @Test
  void connectedSocketIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(sockets -> setEverything(Optioned.of(sockets.connect().near())));
  }

  @Test
  void newServerIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(sockets -> setEverything(Optioned.of(sockets.newServerSocket())));
  }

  @Test
  void listeningServerIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(sockets -> setEverything(Optioned.of(sockets.serve())));
  }

  @Test
  void closedSocketIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.connect().near();
          assertFalse(socket.supportedOptions().isEmpty());
          socket.close();
          return setEverything(Optioned.of(socket));
        });
  }

  @Test
  void closedServerIsSetAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.serve();
          assertFalse(server.supportedOptions().isEmpty());
          server.close();
          return setEverything(Optioned.of(server));
        });
  }

  @Test
  void optionsOfASocketClosedBeforeAreTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.close();
          ServerSocket server = sockets.newServerSocket();
          server.close();
          return sorted(socket.supportedOptions()).toString() + sorted(server.supportedOptions());
        });
  }

  @Test
  void oldSettersOfANewSocketAreTheJdks() throws Exception {
    assertAsTheJdks(sockets -> useOldSetters(sockets.newSocket(), false));
  }

  @Test
  void oldSettersOfAConnectedSocketAreTheJdks() throws Exception {
    assertAsTheJdks(sockets -> useOldSetters(sockets.connect().near(), true));
  }

  @Test
  void oldSettersOfAClosedSocketAreTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.connect().near();
          socket.close();
          return useOldSetters(socket, false);
        });
  }

  @Test
  void oldSettersOfAServerAreTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket fresh = sockets.newServerSocket();
          ServerSocket closed = sockets.serve();
          closed.close();
          return useOldSetters(fresh) + useOldSetters(sockets.serve()) + useOldSetters(closed);
        });
  }

  @Test
  void oldAndNewSettersAreTheSameOptions() throws Exception {
    Socket socket = newSocket();
    socket.setTcpNoDelay(true);
    assertTrue(socket.getOption(StandardSocketOptions.TCP_NODELAY));
    socket.setOption(StandardSocketOptions.TCP_NODELAY, false);
    assertFalse(socket.getTcpNoDelay());
    socket.setSoLinger(true, 3);
    assertEquals(3, socket.getOption(StandardSocketOptions.SO_LINGER));
    socket.setOption(StandardSocketOptions.SO_LINGER, -1);
    assertEquals(-1, socket.getSoLinger());
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    assertTrue(socket.getKeepAlive());
  }

  @Test
  void optionsSetBeforeConnectAreThoseOfTheConnection() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.setTcpNoDelay(true);
          socket.setKeepAlive(true);
          socket.setSoLinger(true, 11);
          socket.setTrafficClass(0x08);
          socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 33);
          socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 5);
          socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 4);
          socket.connect(sockets.serve().getLocalSocketAddress());
          return values(Optioned.of(socket), true);
        });
  }

  @Test
  void keepAliveTimingIsSetOnAConnection() throws Exception {
    Socket socket = connectedEnds().near();
    socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 120);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 7);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    assertEquals(120, socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
    assertEquals(7, socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL));
    assertEquals(3, socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT));
  }

  @Test
  void quickAckIsSetOnAConnectionAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.connect().near();
          return Outcome.ofAction(() -> socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, false))
              + Outcome.of(() -> socket.getOption(ExtendedSocketOptions.TCP_QUICKACK))
              + Outcome.ofAction(() -> socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true))
              + Outcome.of(() -> socket.getOption(ExtendedSocketOptions.TCP_QUICKACK));
        });
  }

  @Test
  void incomingNapiIdIsReadOnly() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.connect().near();
          ServerSocket server = sockets.serve();
          SocketOption<Integer> id = ExtendedSocketOptions.SO_INCOMING_NAPI_ID;
          return Outcome.ofAction(() -> socket.setOption(id, 42))
              + Outcome.ofAction(() -> server.setOption(id, 42))
              + Outcome.of(() -> socket.getOption(id) >= 0)
              + Outcome.of(() -> server.getOption(id));
        });
  }

  @Test
  void optionsOfTheServerAreInheritedAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.newServerSocket();
          server.setReceiveBufferSize(50_000);
          server.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 99);
          server.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
          Socket socket = sockets.newSocket();
          socket.connect(server.getLocalSocketAddress());
          Socket accepted = closing(server.accept());
          return values(Optioned.of(accepted), true) + accepted.getReceiveBufferSize();
        });
  }

  @Test
  void unheardOfOptionsAreUnsupported() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          ServerSocket server = sockets.newServerSocket();
          return Outcome.of(() -> socket.getOption(UNHEARD_OF))
              + Outcome.of(() -> socket.setOption(UNHEARD_OF, 1))
              + Outcome.of(() -> server.getOption(UNHEARD_OF))
              + Outcome.of(() -> server.setOption(UNHEARD_OF, 1))
              + Outcome.of(() -> socket.getOption(StandardSocketOptions.IP_MULTICAST_TTL))
              + Outcome.of(() -> server.getOption(StandardSocketOptions.TCP_NODELAY))
              + Outcome.of(() -> server.getOption(StandardSocketOptions.SO_LINGER));
        });
    assertThrows(UnsupportedOperationException.class, () -> newSocket().getOption(UNHEARD_OF));
  }

  @Test
  void optionNamesMustNotBeNull() throws Exception {
    Socket socket = newSocket();
    ServerSocket server = newServerSocket();
    assertThrows(NullPointerException.class, () -> socket.getOption(null));
    assertThrows(NullPointerException.class, () -> socket.setOption(null, 1));
    assertThrows(NullPointerException.class, () -> server.getOption(null));
    assertThrows(NullPointerException.class, () -> server.setOption(null, 1));
  }

  @Test
  void buffersSetOnAConnectionStillCarryData() throws Exception {
    Ends ends = connectedEnds();
    ends.near().setSendBufferSize(4096);
    ends.far().setReceiveBufferSize(4096);
    // Loopback TCP takes small segments and long pauses through so small a window.
    byte[] data = Payload.random(1, 50_000);
    Background<Void> sender =
        spawn(
            () -> {
              ends.near().getOutputStream().write(data);
              return null;
            });
    assertEquals(
        Payload.hash(data), Payload.hash(ends.far().getInputStream().readNBytes(data.length)));
    sender.join();
  }

  @Test
  void optionsAreReadDuringABlockedRead() throws Exception {
    Ends ends = connectedEnds();
    Background<Integer> reading = blockedRead(ends.near());
    ends.near().setTcpNoDelay(true);
    assertTrue(ends.near().getTcpNoDelay());
    ends.near().setKeepAlive(true);
    assertTrue(ends.near().getKeepAlive());
    send(ends.far(), "x");
    assertEquals('x', reading.join());
  }

  @Test
  void reusePortIsSetOnBothKinds() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          ServerSocket one = sockets.newServerSocket();
          one.setOption(StandardSocketOptions.SO_REUSEPORT, true);
          one.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
          ServerSocket two = sockets.newServerSocket();
          two.setOption(StandardSocketOptions.SO_REUSEPORT, true);
          two.bind(one.getLocalSocketAddress());
          socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
          return one.getOption(StandardSocketOptions.SO_REUSEPORT)
              + " "
              + socket.getOption(StandardSocketOptions.SO_REUSEPORT);
        });
  }

  @Test
  void trafficClassOfAClosedSocketThrows() throws Exception {
    Socket socket = connectedEnds().near();
    socket.close();
    assertThrows(SocketException.class, socket::getTrafficClass);
    assertThrows(SocketException.class, () -> socket.setTrafficClass(1));
  }

  @Test
  @Here(Here.End.SOCKET)
  void valuesSetByNumberAreCheckedAsTheJdksDo() throws Exception {
    assertAsTheJdks(sockets -> outcomesByNumber(sockets.newSocket()));
    assertAsTheJdks(sockets -> outcomesByNumber(sockets.connect().near()));
  }

  private static String outcomesByNumber(Socket socket) throws IOException {
    SocketOptions options = PlatformSockets.optionsOf(socket);
    StringBuilder told = new StringBuilder();
    for (int number : NUMBERS) {
      boolean tuned = number == SocketOptions.SO_SNDBUF || number == SocketOptions.SO_RCVBUF;
      for (Object value : Arrays.asList(null, "many", false, true, 1L, -1, 0, 1, 256, 70_000)) {
        String outcome = Outcome.ofAction(() -> options.setOption(number, value));
        tuned &= !outcome.equals(Outcome.NORMAL);
        told.append(number + " " + value + " ")
            .append(outcome)
            .append(", then ")
            .append(tuned ? "the kernel's" : Outcome.of(() -> options.getOption(number)))
            .append('\n');
      }
    }
    return told.toString();
  }
}

package sun.nio.ch;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import jdk.internal.access.SharedSecrets;
import jdk.internal.ref.CleanerFactory;

/** The few things of {@code sun.nio.ch} that the switch calls and that are not public there. */
public final class SanAccess {
  /** The last of the JDK's own ten things to do at the end; it uses the first three. */
  private static final int LAST_THING = 9;

  /** The most that a refusal by this host may take. */
  private static final int REFUSED_MILLIS = 1000;

  /** Of {@link #poll}: there is something to read, or to accept. */
  public static final int POLLIN = Net.POLLIN;

  private SanAccess() {}

  /** The JDK's own provider of channels, whatever is installed. */
  public static SelectorProvider jdksProvider() {
    return DefaultSelectorProvider.get();
  }

  /** Checks an address as channels do; see {@code Net.checkAddress}. */
  public static InetSocketAddress checkAddress(SocketAddress address) {
    return Net.checkAddress(address);
  }

  /** The address that a socket is bound to. */
  public static InetSocketAddress localAddress(FileDescriptor fd) throws IOException {
    return Net.localAddress(fd);
  }

  /** The number of a descriptor. */
  public static int number(FileDescriptor fd) {
    return IOUtil.fdVal(fd);
  }

  /** The JDK's own server channel, whose accepted channels name {@code sp} as their provider. */
  public static ServerSocketChannel serverChannel(SelectorProvider sp, ProtocolFamily family)
      throws IOException {
    return family == null
        ? new ServerSocketChannelImpl(sp)
        : new ServerSocketChannelImpl(sp, family);
  }

  /** Waits until {@code fd} has one of the events; returns them, or 0 on a timeout or a signal. */
  public static int poll(FileDescriptor fd, int events, long millis) throws IOException {
    return Net.poll(fd, events, millis);
  }

  /** Has a listening socket refuse from now on, and ends every wait on it. */
  public static void shutdownInput(FileDescriptor fd) throws IOException {
    Net.shutdown(fd, Net.SHUT_RD);
  }

  public static void close(int fd) throws IOException {
    FileDispatcherImpl.closeIntFD(fd);
  }

  public static int newEpoll() throws IOException {
    return EPoll.create();
  }

  /** Adds {@code fd} to the epoll set, to be reported for {@code events}. */
  public static void addToEpoll(int epoll, int fd, int events) throws IOException {
    int errno = EPoll.ctl(epoll, EPoll.EPOLL_CTL_ADD, fd, events);
    if (errno != 0) {
      throw new IOException("epoll_ctl failed (" + errno + ")");
    }
  }

  /** Takes {@code fd} out of the epoll set. */
  public static void removeFromEpoll(int epoll, int fd) {
    int unused = EPoll.ctl(epoll, EPoll.EPOLL_CTL_DEL, fd, 0); // Fails only if it is not there.
  }

  /** Room for {@code count} events, for good. */
  public static long newEvents(int count) {
    return EPoll.allocatePollArray(count);
  }

  /**
   * Waits for events.
   *
   * @param events room for {@code count} of them, from {@link #newEvents}
   * @param millis how long; -1 for no end
   * @return how many there are; 0 after the time, or a signal
   */
  public static int awaitEpoll(int epoll, long events, int count, long millis) throws IOException {
    int found = EPoll.wait(epoll, events, count, (int) Math.min(millis, Integer.MAX_VALUE));
    return Math.max(found, 0);
  }

  /** The descriptor of event {@code i}. */
  public static int descriptor(long events, int i) {
    return EPoll.getDescriptor(EPoll.getEvent(events, i));
  }

  /** The placeholder that the JDK's socket adaptors hand to {@code java.net}'s constructors. */
  public static SocketImpl noSocketImpl() {
    return DummySocketImpl.create();
  }

  /** Runs the action when the object is unreachable, or when the result is told to. */
  public static Cleaner.Cleanable whenUnreachable(Object object, Runnable action) {
    return CleanerFactory.cleaner().register(object, action);
  }

  /**
   * Runs the action when the JVM is about to end, after all shutdown hooks.
   *
   * @return false if it ends already
   * @throws InternalError if something else is run there
   */
  public static boolean whenProcessEnds(Runnable action) {
    try {
      SharedSecrets.getJavaLangAccess().registerShutdownHook(LAST_THING, false, action);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** SO_OOBINLINE, which no public class names. */
  public static SocketOption<Boolean> oobInline() {
    return ExtendedSocketOption.SO_OOBINLINE;
  }

  /** Throws what {@code java.net} promises in the place of a channel's exception. */
  public static void throwAsSocketException(Exception e) throws IOException {
    Net.translateException(e);
  }

  /**
   * Has the JDK refuse two connects, and returns what it says: where connect itself fails, and
   * where the outcome is polled for.
   */
  public static String[] refusals() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    FileDescriptor bound = Net.socket(null, true); // Has a port, and nobody listens there.
    try {
      Net.bind(bound, here, 0);
      int port = Net.localAddress(bound).getPort();
      return new String[] {refusal(here, port, false), refusal(here, port, true)};
    } finally {
      close(IOUtil.fdVal(bound));
    }
  }

  private static String refusal(InetAddress host, int port, boolean polled) throws IOException {
    FileDescriptor fd = Net.socket(null, true);
    try {
      IOUtil.configureBlocking(fd, false);
      Net.connect(fd, host, port);
      if (polled) {
        Net.pollConnect(fd, REFUSED_MILLIS);
      } else {
        Net.poll(fd, Net.POLLOUT, REFUSED_MILLIS);
        Net.connect(fd, host, port); // Fails as the first one has, and never waits.
      }
    } catch (ConnectException e) {
      return e.getMessage();
    } finally {
      close(IOUtil.fdVal(fd));
    }
    throw new IOException("not refused");
  }

  /**
   * What the JDK tells of a connect to an IPv6 address where only IPv4 is used: it asks nobody
   * else.
   */
  public static IOException withoutIPv6(InetAddress remote, int port) {
    try {
      FileDescriptor fd = Net.socket(null, true);
      try {
        Net.connect(fd, remote, port);
      } finally {
        close(IOUtil.fdVal(fd));
      }
    } catch (IOException e) {
      return e;
    }
    return new IOException("IPv6 is not used, and yet connects");
  }

  public static boolean isIPv6Available() {
    return Net.isIPv6Available();
  }
}

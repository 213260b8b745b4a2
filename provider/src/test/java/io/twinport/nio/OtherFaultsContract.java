package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.net.SocketImpls;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever flies through an operation of sockets and asynchronous channels, at whatever step:
 * nothing else is lost.
 */
public abstract class OtherFaultsContract extends FaultsFixture {
  /** As {@link FaultsFixture}. */
  protected OtherFaultsContract(SanProvider san, Set<Fault> faults, String... packages) {
    super(san, faults, packages);
  }

  // -- As the above, by the other ways to have a socket

  /** One byte each way, between two that have just been connected. */
  private static void exchange(Socket one, Socket other) throws IOException {
    one.setSoTimeout(5_000);
    other.setSoTimeout(5_000);
    one.getOutputStream().write(3);
    assertEquals(3, other.getInputStream().read());
    other.getOutputStream().write(4);
    assertEquals(4, one.getInputStream().read());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void sockets(Fault fault) throws Exception {
    PlatformSockets sockets =
        new PlatformSockets(server -> SocketImpls.make(provider.owner(), server));
    ServerSocket socketServer = closing(sockets.newServerSocket());
    socketServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Socket[] ends = {null, null};
    all(
        "connect, accept, write, read and close of sockets",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            ends[0] = sockets.newSocket();
            ends[1] = null;
          }

          @Override
          public void run() throws IOException {
            ends[0].connect(socketServer.getLocalSocketAddress());
            ends[1] = socketServer.accept();
            ends[0].getOutputStream().write(1);
            ends[1].getInputStream().read();
            ends[1].close();
            ends[0].close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            ends[0].close();
            if (ends[1] != null) {
              ends[1].close();
            }
            takeTheRest();
            try (Socket one = sockets.newSocket()) {
              one.connect(socketServer.getLocalSocketAddress());
              socketServer.setSoTimeout(5_000);
              try (Socket other = socketServer.accept()) {
                exchange(one, other);
              }
            }
            socketServer.setSoTimeout(0);
            othersWork();
            nothingMoreIsListed(fault);
          }

          /** What was connected and not accepted: its peer is closed by now. */
          private void takeTheRest() throws IOException {
            socketServer.setSoTimeout(1);
            while (true) {
              try (Socket left = socketServer.accept()) {
                left.setSoTimeout(5_000);
                left.getInputStream().readAllBytes();
              } catch (SocketTimeoutException e) {
                return; // None is left, or one has no end.
              } catch (SocketException e) {
                assertNotNull(e.getMessage()); // Its peer was reset.
              }
            }
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void asynchronously(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    AsynchronousServerSocketChannel[] listening = {null};
    AsynchronousSocketChannel[] ends = {null, null};
    List<Future<AsynchronousSocketChannel>> accepts = new ArrayList<>();
    all(
        "asynchronous connect, accept, write, read and close",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            listening[0] = open();
            ends[0] = asynchronous.openAsynchronousSocketChannel(null);
            ends[1] = null;
          }

          private AsynchronousServerSocketChannel open() throws IOException {
            return asynchronous
                .openAsynchronousServerSocketChannel(null)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          }

          /** What was accepted, too, where the connect has failed. */
          private void closeAccepted() throws Exception {
            for (Future<AsynchronousSocketChannel> accept : accepts) {
              try {
                accept.get(5, TimeUnit.SECONDS).close();
              } catch (ExecutionException e) {
                assertNotNull(e.getCause()); // It has failed, or its listener was closed.
              }
            }
            accepts.clear();
          }

          @Override
          public void run() throws Exception {
            Future<Void> connected = ends[0].connect(listening[0].getLocalAddress());
            Future<AsynchronousSocketChannel> accepted = listening[0].accept();
            accepts.add(accepted);
            connected.get(2, TimeUnit.SECONDS);
            ends[1] = accepted.get(2, TimeUnit.SECONDS);
            ends[1].write(bytes(1)).get(2, TimeUnit.SECONDS);
            ends[0].read(ByteBuffer.allocate(1)).get(2, TimeUnit.SECONDS);
            ends[0].close();
            ends[1].close();
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            assertFalse(thrown instanceof TimeoutException, "an operation without an end");
            ends[0].close();
            if (ends[1] != null) {
              ends[1].close();
            }
            listening[0].close();
            closeAccepted();
            try (AsynchronousServerSocketChannel fresh = open();
                AsynchronousSocketChannel one = asynchronous.openAsynchronousSocketChannel(null)) {
              Future<AsynchronousSocketChannel> accepted = fresh.accept();
              one.connect(fresh.getLocalAddress()).get(5, TimeUnit.SECONDS);
              try (AsynchronousSocketChannel other = accepted.get(5, TimeUnit.SECONDS)) {
                one.write(bytes(6)).get(5, TimeUnit.SECONDS);
                ByteBuffer read = ByteBuffer.allocate(1);
                assertEquals(1, other.read(read).get(5, TimeUnit.SECONDS));
                assertEquals(6, read.get(0));
              }
            }
            othersWork();
            nothingMoreIsListed(fault);
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfServerSocket(Fault fault) throws Exception {
    PlatformSockets sockets =
        new PlatformSockets(server -> SocketImpls.make(provider.owner(), server));
    closeOfListener(
        "close of a server socket",
        fault,
        Runtime.version().feature() < 19,
        () -> {
          ServerSocket opened = sockets.newServerSocket();
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalSocketAddress(), opened);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfAsynchronousListener(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    closeOfListener(
        "close of an asynchronous listener",
        fault,
        true,
        () -> {
          AsynchronousServerSocketChannel opened =
              asynchronous.openAsynchronousServerSocketChannel(null);
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalAddress(), opened);
        });
  }

  // -- Closed while something waits

  /** A group of one thread, which ends when its last channel is closed. */
  private static AsynchronousChannelGroup group(AsynchronousChannelProvider asynchronous)
      throws IOException {
    return asynchronous.openAsynchronousChannelGroup(
        1,
        task -> {
          Thread thread = new Thread(task, "group");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** What has waited is told of the close, and the group ends. */
  private static void assertToldAndEnded(Future<?> waiting, AsynchronousChannelGroup group)
      throws Exception {
    ExecutionException told =
        assertThrows(ExecutionException.class, () -> waiting.get(5, TimeUnit.SECONDS));
    assertInstanceOf(AsynchronousCloseException.class, told.getCause());
    group.shutdown();
    assertTrue(group.awaitTermination(5, TimeUnit.SECONDS), "the group does not end");
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfAListenerThatAccepts(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    AsynchronousChannelGroup[] group = {null};
    AsynchronousServerSocketChannel[] own = {null};
    List<Future<?>> waiting = new ArrayList<>();
    all(
        "close of an asynchronous listener that accepts",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            group[0] = group(asynchronous);
            own[0] = asynchronous.openAsynchronousServerSocketChannel(group[0]);
            own[0].bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            waiting.clear();
            waiting.add(own[0].accept());
          }

          @Override
          public void run() throws IOException {
            own[0].close();
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            own[0].close(); // Goes on where an Error has ended the first.
            if (strikes > 1) {
              othersWork();
            }
            assertToldAndEnded(waiting.get(0), group[0]);
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfAChannelThatReads(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    AsynchronousChannelGroup[] group = {null};
    AsynchronousSocketChannel[] own = {null};
    List<Future<?>> waiting = new ArrayList<>();
    all(
        "close of an asynchronous channel that reads",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws Exception {
            group[0] = group(asynchronous);
            own[0] = asynchronous.openAsynchronousSocketChannel(group[0]);
            own[0].connect(listener.getLocalAddress()).get(5, TimeUnit.SECONDS);
            server = listener.accept();
            waiting.clear();
            waiting.add(own[0].read(ByteBuffer.allocate(1)));
          }

          @Override
          public void run() throws IOException {
            own[0].close();
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            own[0].close(); // Goes on where an Error has ended the first.
            SocketChannel peer = server;
            server = null;
            if (strikes > 1) {
              othersWork();
            }
            assertToldAndEnded(waiting.get(0), group[0]);
            othersWork();
            ended(peer);
            peer.close();
          }
        });
    rounds.verify();
  }
}

package io.twinport.it.apps;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A server of the torture: a listener for each API, at ports that follow each other. Arguments:
 * {@code HOST PORT}.
 */
public final class TortureServer {
  private static final int BACKLOG = 1024;
  private static final int AGAIN_MILLIS = 10;
  private static final int MOST_TIMES = 500;

  private final TortureEnds ends = new TortureEnds();
  private final TortureSelector selector;
  private final InetSocketAddress first;
  private final Closeable[] listeners = new Closeable[TortureApis.ALL.length()];
  private final Thread[] acceptors = new Thread[TortureApis.ALL.length()];

  private TortureServer(InetSocketAddress first) throws IOException {
    this.first = first;
    selector = new TortureSelector(ends);
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    TortureApis.load();
    int port = Integer.parseInt(arguments[1]);
    TortureServer server = new TortureServer(new InetSocketAddress(arguments[0], port));
    for (int i = 0; i < TortureApis.ALL.length(); i++) {
      server.listen(TortureApis.ALL.charAt(i));
    }
    server
        .ends
        .commands(new Console())
        .on("progress", words -> server.ends.progress(0))
        .on("jog", words -> server.jog())
        .on("rebind", words -> server.rebind(words[1].charAt(0)))
        .serve("ports=" + port);
    for (int i = 0; i < server.listeners.length; i++) {
      server.close(i);
    }
  }

  private InetSocketAddress address(char api) {
    return new InetSocketAddress(
        first.getAddress(), first.getPort() + TortureApis.ALL.indexOf(api));
  }

  private void listen(char api) throws IOException {
    InetSocketAddress address = address(api);
    switch (api) {
      case TortureApis.SOCKET -> {
        ServerSocket listener = new ServerSocket();
        keep(api, listener);
        listener.bind(address, BACKLOG);
        accept(api, () -> take(listener.accept()));
      }
      case TortureApis.CHANNEL -> {
        ServerSocketChannel listener = ServerSocketChannel.open();
        keep(api, listener);
        listener.bind(address, BACKLOG);
        accept(api, () -> take(listener.accept()));
      }
      case TortureApis.SELECTOR -> {
        ServerSocketChannel listener = ServerSocketChannel.open();
        keep(api, listener);
        listener.bind(address, BACKLOG);
        selector.listen(listener);
      }
      default -> {
        AsynchronousServerSocketChannel listener = AsynchronousServerSocketChannel.open();
        keep(api, listener);
        listener.bind(address, BACKLOG);
        acceptNext(listener);
      }
    }
  }

  private synchronized void keep(char api, Closeable listener) {
    listeners[TortureApis.ALL.indexOf(api)] = listener;
  }

  private synchronized void close(int index) throws IOException {
    acceptors[index] = null;
    listeners[index].close();
  }

  /** {@code jog}: interrupts the thread of the selector. */
  private String jog() {
    selector.interrupt();
    return "";
  }

  /**
   * {@code rebind API}: closes a listener, a channel's by an interrupt, and opens another one at
   * its address.
   */
  private String rebind(char api) throws IOException, InterruptedException {
    int index = TortureApis.ALL.indexOf(api);
    Thread acceptor = acceptors[index];
    if (api == TortureApis.CHANNEL) {
      acceptors[index] = null;
      acceptor.interrupt();
      acceptor.join();
    }
    close(index);
    if (acceptor != null) {
      acceptor.join();
    }
    listenAgain(api);
    return "api=" + api;
  }

  /** A selector gives up a channel's port when it selects next. */
  private void listenAgain(char api) throws IOException {
    for (int times = 0; ; times++) {
      try {
        listen(api);
        return;
      } catch (BindException e) {
        close(TortureApis.ALL.indexOf(api));
        if (times == MOST_TIMES) {
          throw e;
        }
        TortureEnds.pause(AGAIN_MILLIS);
      }
    }
  }

  /** Takes one connection. */
  private interface Accept {
    void next() throws IOException;
  }

  private void accept(char api, Accept accept) {
    int index = TortureApis.ALL.indexOf(api);
    Thread thread =
        new Thread(
            () -> {
              while (acceptors[index] == Thread.currentThread()) {
                try {
                  accept.next();
                } catch (Throwable e) {
                  TortureEnds.pause(AGAIN_MILLIS); // No memory or no descriptors for now.
                }
              }
            },
            "accept-" + api);
    thread.setDaemon(true);
    acceptors[index] = thread;
    thread.start();
  }

  private void take(Socket socket) {
    take(socket, TortureApis.SOCKET, new TortureBlocking.OfSocket(socket));
  }

  private void take(SocketChannel channel) {
    take(channel, TortureApis.CHANNEL, new TortureBlocking.OfChannel(channel));
  }

  private void take(Closeable accepted, char api, TortureBlocking.Line line) {
    try {
      TortureEnd end = new TortureEnd(ends, null, api);
      ends.add(end);
      try {
        TortureThreads.unstarted(() -> TortureBlocking.converse(end, line), "read-" + api).start();
      } catch (Throwable e) {
        end.readFailed(e);
        TortureEnd.closeSurely(accepted);
        end.finish();
      }
    } catch (Throwable e) {
      TortureEnd.closeSurely(accepted);
    }
  }

  private void acceptNext(AsynchronousServerSocketChannel listener) {
    while (listener.isOpen()) {
      try {
        listener.accept(
            null,
            new CompletionHandler<AsynchronousSocketChannel, Void>() {
              @Override
              public void completed(AsynchronousSocketChannel channel, Void attachment) {
                try {
                  TortureEnd end = new TortureEnd(ends, null, TortureApis.ASYNCHRONOUS);
                  ends.add(end);
                  TortureAsync.accepted(end, channel);
                } catch (Throwable e) {
                  TortureEnd.closeSurely(channel);
                }
                acceptNext(listener);
              }

              @Override
              public void failed(Throwable error, Void attachment) {
                TortureEnds.pause(AGAIN_MILLIS);
                acceptNext(listener);
              }
            });
        return;
      } catch (Throwable e) {
        TortureEnds.pause(AGAIN_MILLIS);
      }
    }
  }
}

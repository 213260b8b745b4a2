package io.twinport.it.apps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;

/**
 * An echo server of {@code java.net}: an accept loop for each address and a thread for each
 * connection. Arguments: {@code host/port …}; properties as in {@link Factories}.
 */
public final class SocketEchoServer {
  private final Tally tally = new Tally();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    SocketEchoServer server = new SocketEchoServer();
    ServerSocketFactory factory = Factories.servers();
    List<Integer> ports = new ArrayList<>();
    List<ServerSocket> listeners = new ArrayList<>();
    List<Thread> loops = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      ServerSocket listener = factory.createServerSocket();
      listener.bind(address);
      listeners.add(listener);
      ports.add(listener.getLocalPort());
      Thread loop = new Thread(() -> server.accept(listener), "accept-" + address);
      loop.start();
      loops.add(loop);
    }
    new Console().on("stats", words -> server.tally.report()).serve(Bindings.report(ports));
    for (ServerSocket listener : listeners) {
      listener.close();
    }
    for (Thread loop : loops) {
      loop.join();
    }
    for (Socket socket : server.open) {
      socket.close();
    }
    server.workers.shutdown();
  }

  private void accept(ServerSocket listener) {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        EchoConversation echo = new EchoConversation(socket.getRemoteSocketAddress());
        tally.accepted(echo.remote());
        workers.execute(() -> converse(socket, echo));
      }
    } catch (SocketException e) {
      if (!listener.isClosed()) {
        throw new java.io.UncheckedIOException(e);
      }
      // The program is ending.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void converse(Socket socket, EchoConversation echo) {
    byte[] bytes = new byte[64 * 1024];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    boolean reset = false;
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        echo.turn(buffer.clear().position(length));
        out.write(bytes, 0, buffer.limit());
        if (echo.over()) {
          break;
        }
      }
    } catch (IOException e) {
      reset = true;
    }
    open.remove(socket);
    tally.ended(echo.remote(), echo.received(), reset);
  }
}

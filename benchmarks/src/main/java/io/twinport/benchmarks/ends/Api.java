package io.twinport.benchmarks.ends;

import io.twinport.benchmarks.applications.Application;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Which interface both ends use. All calls block, if only in {@code select}. */
public enum Api {
  /** {@code SocketChannel} and {@code ServerSocketChannel} in blocking mode. */
  CHANNEL {
    @Override
    Server serve(Service service, String address) throws IOException {
      return new BlockingServer(service, this, ChannelConnection.listen(address));
    }

    @Override
    public Connection connect(String address) throws IOException {
      return ChannelConnection.connect(address);
    }
  },
  /** A server of one thread and one selector, and clients that wait in {@code select}. */
  SELECTOR {
    @Override
    Server serve(Service service, String address) throws IOException {
      return new SelectorServer(service, address);
    }

    @Override
    public Connection connect(String address) throws IOException {
      return new SelectorConnection(address);
    }
  },
  /** {@code java.net.Socket} and {@code ServerSocket}, and their streams. */
  SOCKET {
    @Override
    Server serve(Service service, String address) throws IOException {
      return new BlockingServer(service, this, SocketConnection.listen(address));
    }

    @Override
    public Connection connect(String address) throws IOException {
      return SocketConnection.connect(address);
    }

    @Override
    public ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocate(bytes);
    }
  },
  /** Asynchronous channels, whose futures are waited for. */
  ASYNC {
    @Override
    Server serve(Service service, String address) throws IOException {
      return new BlockingServer(service, this, AsyncConnection.listen(address));
    }

    @Override
    public Connection connect(String address) throws IOException {
      return AsyncConnection.connect(address);
    }
  },
  /** No interface at all: {@link Ring}. */
  MEMORY {
    @Override
    Server serve(Service service, String address) throws IOException {
      return new BlockingServer(service, this, new RingListener(address));
    }

    @Override
    public Connection connect(String address) throws IOException {
      return RingListener.connect(address);
    }
  };

  /** What an application's server uses. */
  public static Api of(Application application) {
    return application == Application.H2 ? SOCKET : SELECTOR;
  }

  /** Listens. */
  abstract Server serve(Service service, String address) throws IOException;

  /** Connects to what {@link Server#address} says. */
  public abstract Connection connect(String address) throws IOException;

  /** A buffer of the kind that suits this interface best. */
  public ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes);
  }
}

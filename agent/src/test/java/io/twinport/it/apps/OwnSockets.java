package io.twinport.it.apps;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/** Sockets of a class of their own, which change what goes through them. */
final class OwnSockets {
  private static final int MASK = 0x5A;

  private OwnSockets() {}

  static SocketFactory clients() {
    return new Clients();
  }

  static ServerSocketFactory servers() {
    return new Servers();
  }

  private static final class MaskedSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int value = super.read();
          return value < 0 ? value : value ^ MASK;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          int count = super.read(bytes, offset, length);
          for (int i = 0; i < count; i++) {
            bytes[offset + i] ^= MASK;
          }
          return count;
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          byte[] masked = new byte[length];
          for (int i = 0; i < length; i++) {
            masked[i] = (byte) (bytes[offset + i] ^ MASK);
          }
          out.write(masked);
        }
      };
    }
  }

  private static final class MaskedServerSocket extends ServerSocket {
    MaskedServerSocket() throws IOException {}

    @Override
    public Socket accept() throws IOException {
      Socket socket = new MaskedSocket();
      implAccept(socket);
      return socket;
    }
  }

  private static final class Clients extends SocketFactory {
    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return createSocket(InetAddress.getByName(host), port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(InetAddress.getByName(host), port, local, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return createSocket(host, port, null, 0);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      Socket socket = new MaskedSocket();
      if (local != null) {
        socket.bind(new java.net.InetSocketAddress(local, localPort));
      }
      socket.connect(new java.net.InetSocketAddress(host, port));
      return socket;
    }
  }

  private static final class Servers extends ServerSocketFactory {
    @Override
    public ServerSocket createServerSocket() throws IOException {
      return new MaskedServerSocket();
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return createServerSocket(port, 0);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return createServerSocket(port, backlog, null);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress local)
        throws IOException {
      ServerSocket socket = createServerSocket();
      socket.bind(new java.net.InetSocketAddress(local, port), backlog);
      return socket;
    }
  }
}

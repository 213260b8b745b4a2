package io.twinport.benchmarks.ends;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A channel in blocking mode. */
record ChannelConnection(SocketChannel channel) implements Connection {
  static Connection connect(String address) throws IOException {
    return new ChannelConnection(SocketChannel.open(Address.socketAddress(address)));
  }

  static ServerSocketChannel bind(String address) throws IOException {
    SocketAddress local = Address.socketAddress(address);
    ServerSocketChannel channel =
        local instanceof InetSocketAddress
            ? ServerSocketChannel.open()
            : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return channel.bind(local);
  }

  static Listener listen(String address) throws IOException {
    ServerSocketChannel channel = bind(address);
    return new Listener() {
      @Override
      public String address() throws IOException {
        return Address.of(channel.getLocalAddress());
      }

      @Override
      public Connection accept() throws IOException {
        return new ChannelConnection(channel.accept());
      }
    };
  }

  static void noDelay(SocketChannel channel) throws IOException {
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  @Override
  public void noDelay() throws IOException {
    noDelay(channel);
  }

  @Override
  public void write(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  @Override
  public void write(FileChannel file, long bytes, ByteBuffer buffer) throws IOException {
    for (long position = 0; position < bytes; ) {
      long n = file.transferTo(position, bytes - position, channel);
      if (n == 0) {
        throw new EOFException("The file ends before " + bytes + " bytes");
      }
      position += n;
    }
  }

  @Override
  public int read(ByteBuffer buffer) throws IOException {
    return channel.read(buffer);
  }

  @Override
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

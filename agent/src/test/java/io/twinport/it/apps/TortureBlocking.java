package io.twinport.it.apps;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection of the torture with a thread that reads and one that writes. */
final class TortureBlocking {
  /** A socket or a channel. */
  interface Line extends Closeable {
    int read(ByteBuffer in) throws IOException;

    void write(ByteBuffer out) throws IOException;

    void shutdownOutput() throws IOException;

    void lingerNot() throws IOException;
  }

  record OfSocket(Socket socket) implements Line {
    @Override
    public int read(ByteBuffer in) throws IOException {
      int bytes =
          socket
              .getInputStream()
              .read(in.array(), in.arrayOffset() + in.position(), in.remaining());
      if (bytes > 0) {
        in.position(in.position() + bytes);
      }
      return bytes;
    }

    @Override
    public void write(ByteBuffer out) throws IOException {
      socket
          .getOutputStream()
          .write(out.array(), out.arrayOffset() + out.position(), out.remaining());
      out.position(out.limit());
    }

    @Override
    public void shutdownOutput() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public void lingerNot() throws IOException {
      socket.setSoLinger(true, 0);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  record OfChannel(SocketChannel channel) implements Line {
    @Override
    public int read(ByteBuffer in) throws IOException {
      return channel.read(in);
    }

    @Override
    public void write(ByteBuffer out) throws IOException {
      while (out.hasRemaining()) { // On a virtual thread a part may be all that goes.
        channel.write(out);
      }
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public void lingerNot() throws IOException {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final int PAUSE_MILLIS = 2;

  private final TortureEnd end;
  private final Line line;

  private TortureBlocking(TortureEnd end, Line line) {
    this.end = end;
    this.line = line;
  }

  /** Reads in this thread and writes in another, until both are through. */
  static void converse(TortureEnd end, Line line) {
    TortureBlocking both;
    try {
      end.setLine(line);
      end.setReader(Thread.currentThread());
      both = new TortureBlocking(end, line);
    } catch (Throwable e) {
      end.readFailed(e);
      TortureEnd.closeSurely(line);
      end.finish();
      return;
    }
    try {
      Thread writer = TortureThreads.unstarted(both::write, "write-" + end.api());
      end.setWriter(writer);
      writer.start();
    } catch (Throwable e) {
      end.writeFailed(e);
      end.closeLine();
      end.halfDone();
    }
    both.read();
  }

  private void read() {
    try {
      ByteBuffer in = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES);
      while (line.read(end.room(in)) >= 0) {
        end.took(in.flip());
        if (end.isGarbage()) {
          throw new IOException("wrong bytes");
        }
        if (end.isTimeToPause()) {
          TortureEnds.pause(PAUSE_MILLIS);
        }
      }
      end.tookEnd();
    } catch (Throwable e) {
      end.readFailed(e);
      end.closeLine();
    } finally {
      end.halfDone();
    }
  }

  private void write() {
    try {
      if (!end.awaitPlan()) {
        return;
      }
      ByteBuffer out = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES);
      while (end.fill(out)) {
        int bytes = out.remaining();
        line.write(out);
        end.wrote(bytes);
      }
      switch (end.end()) {
        case FINISH -> {
          line.shutdownOutput();
          end.shut();
        }
        case CLOSE -> end.closeLine();
        case RESET -> {
          line.lingerNot();
          end.reset();
          end.closeLine();
        }
      }
    } catch (Throwable e) {
      end.writeFailed(e);
      end.closeLine();
    } finally {
      end.halfDone();
    }
  }
}

package io.twinport.it.apps;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;

/** A connection of the torture on an asynchronous channel. */
final class TortureAsync {
  /** What follows when an operation is through. */
  private interface Step {
    void run(int bytes) throws IOException;
  }

  private interface Failure {
    void is(Throwable error);
  }

  private final TortureEnd end;
  private final AsynchronousSocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES);
  private final ByteBuffer out = ByteBuffer.allocate(TorturePlan.MOST_CHUNK_BYTES);
  private boolean writing;

  private TortureAsync(TortureEnd end, AsynchronousSocketChannel channel) {
    this.end = end;
    this.channel = channel;
  }

  static void connect(TortureEnd end, InetSocketAddress target) {
    AsynchronousSocketChannel channel = null;
    try {
      channel = AsynchronousSocketChannel.open();
      TortureAsync both = new TortureAsync(end, channel);
      end.setLine(channel);
      channel.connect(
          target,
          null,
          new CompletionHandler<Void, Void>() {
            @Override
            public void completed(Void result, Void attachment) {
              end.connected();
              both.begin();
            }

            @Override
            public void failed(Throwable error, Void attachment) {
              end.connectFailed(error);
              end.finish();
            }
          });
    } catch (Throwable e) {
      end.connectFailed(e);
      if (channel != null) {
        TortureEnd.closeSurely(channel);
      }
      end.finish();
    }
  }

  static void accepted(TortureEnd end, AsynchronousSocketChannel channel) {
    TortureAsync both;
    try {
      both = new TortureAsync(end, channel);
      end.setLine(channel);
    } catch (Throwable e) {
      end.readFailed(e);
      TortureEnd.closeSurely(channel);
      end.finish();
      return;
    }
    both.begin();
  }

  private void begin() {
    if (end.plan() != null) {
      writing = true;
      write();
    }
    read();
  }

  private void read() {
    try {
      channel.read(end.room(in), null, handler(this::readBytes, this::readFailed));
    } catch (Throwable e) {
      readFailed(e);
    }
  }

  private void readBytes(int bytes) throws IOException {
    if (bytes < 0) {
      end.tookEnd();
      readEnds();
      return;
    }
    end.took(in.flip());
    if (end.isGarbage()) {
      throw new IOException("wrong bytes");
    }
    if (!writing && end.plan() != null) {
      writing = true;
      write();
    }
    read();
  }

  private void readFailed(Throwable error) {
    end.readFailed(error);
    end.closeLine();
    readEnds();
  }

  private void readEnds() {
    if (!writing) {
      end.halfDone(); // It never began.
    }
    end.halfDone();
  }

  private void write() {
    try {
      if (end.fill(out)) {
        writeRest();
        return;
      }
      switch (end.end()) {
        case FINISH -> {
          channel.shutdownOutput();
          end.shut();
        }
        case CLOSE -> end.closeLine();
        case RESET -> {
          channel.setOption(StandardSocketOptions.SO_LINGER, 0);
          end.reset();
          end.closeLine();
        }
      }
      end.halfDone();
    } catch (Throwable e) {
      writeFailed(e);
    }
  }

  private void writeRest() {
    channel.write(out, null, handler(this::wroteBytes, this::writeFailed));
  }

  private void wroteBytes(int bytes) {
    end.wrote(bytes);
    if (out.hasRemaining()) {
      writeRest();
    } else {
      write();
    }
  }

  private void writeFailed(Throwable error) {
    end.writeFailed(error);
    end.closeLine();
    end.halfDone();
  }

  private static CompletionHandler<Integer, Void> handler(Step step, Failure failure) {
    return new CompletionHandler<>() {
      @Override
      public void completed(Integer bytes, Void attachment) {
        try {
          step.run(bytes);
        } catch (Throwable e) {
          failure.is(e);
        }
      }

      @Override
      public void failed(Throwable error, Void attachment) {
        failure.is(error);
      }
    };
  }
}

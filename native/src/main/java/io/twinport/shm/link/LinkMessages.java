package io.twinport.shm.link;

import io.twinport.posix.UnixSocket;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.SpareDescriptors;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The messages on a link's socket, one packet each: a type byte, then fields in big-endian order.
 * Descriptors that come with a message are named in brackets.
 *
 * <pre>
 *   client → server                              server → client
 *   HELLO version, id                            REJECT reason
 *                                                WELCOME id  [board, wire]
 *   BOARD  [board, wire]
 *   SEGMENT id, slots  [client half]             SEGMENT_READY id, portBase  [server half]
 *                                                SEGMENT_REFUSED id, reason
 *   ASK_PERMIT permit, segment, slot, port, address   PERMITTED permit   NOT_PERMITTED permit, reason
 *                                                REVOKED permit
 *   DROP_SEGMENT id
 *   both: DATA id, bytes [memfd]    DROP_DATA id    BELL number [wire]
 * </pre>
 *
 * <p>A client brings no descriptor before the server has seen what the kernel says of it. By a wire
 * the receiver rings the sender's bell of that number, see {@link io.twinport.posix.Posix#wire}.
 */
public final class LinkMessages {
  public static final byte HELLO = 1;
  public static final byte WELCOME = 2;
  public static final byte REJECT = 3;
  public static final byte SEGMENT = 4;
  public static final byte SEGMENT_READY = 5;
  public static final byte SEGMENT_REFUSED = 6;
  public static final byte ASK_PERMIT = 7;
  public static final byte PERMITTED = 8;
  public static final byte NOT_PERMITTED = 9;
  public static final byte REVOKED = 10;
  public static final byte DROP_SEGMENT = 11;
  public static final byte DATA = 12;
  public static final byte DROP_DATA = 13;
  public static final byte BELL = 14;
  public static final byte BOARD = 15;

  public static final int ID_BYTES = 16;
  public static final int MAX_BYTES = 64;

  /** The most descriptors in a message. */
  public static final int MOST_FDS = 2;

  /** This process has no descriptors left for those of a message, which stays in its socket. */
  static final class NoDescriptorsException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDescriptorsException(byte type) {
      super("no descriptors are left for those of a message of type " + type);
    }
  }

  private LinkMessages() {}

  /** How many descriptors a message brings. */
  public static int descriptors(byte type) {
    return switch (type) {
      case WELCOME, BOARD -> 2;
      case SEGMENT, SEGMENT_READY, DATA, BELL -> 1;
      default -> 0;
    };
  }

  /**
   * Looks at the next message, see {@link UnixSocket.Inbox#peek}.
   *
   * @param spares let go if there is no room for its descriptors, which then have some
   * @throws NoDescriptorsException if there are none for the message's, not even the spares
   * @throws IOException if it is too long, or has other descriptors than it has to
   */
  public static int peek(UnixSocket.Inbox inbox, int socket, SpareDescriptors spares)
      throws IOException {
    int length = inbox.peek(socket);
    if (length > 0 && inbox.isCut()) {
      spares.letGo();
      length = inbox.peek(socket);
    }
    if (length > 0) {
      byte type = inbox.message().get(0);
      int fds = 0;
      for (int fd : inbox.fds()) {
        fds += fd >= 0 ? 1 : 0;
      }
      if (inbox.isCut() && fds < MOST_FDS && length < MAX_BYTES) {
        throw new NoDescriptorsException(type);
      }
      if (inbox.isCut() || fds != descriptors(type)) {
        throw new IOException(
            "message of type "
                + type
                + " with "
                + fds
                + (inbox.isCut() ? " or more" : "")
                + " descriptors");
      }
    }
    return length;
  }

  public static ByteBuffer hello(byte[] id) {
    return start(HELLO).putInt(LinkLayout.WIRE_VERSION).put(id).flip();
  }

  public static ByteBuffer welcome(byte[] id) {
    return start(WELCOME).put(id).flip();
  }

  public static ByteBuffer board() {
    return start(BOARD).flip();
  }

  public static ByteBuffer reject(Reason reason) {
    return start(REJECT).putInt(reason.onWire()).flip();
  }

  public static ByteBuffer number(byte type, int number) {
    return start(type).putInt(number).flip();
  }

  public static ByteBuffer numbers(byte type, int first, int second) {
    return start(type).putInt(first).putInt(second).flip();
  }

  public static ByteBuffer askPermit(
      int permit, int segment, int slot, InetSocketAddress destination) {
    byte[] address = destination.getAddress().getAddress();
    return start(ASK_PERMIT)
        .putInt(permit)
        .putInt(segment)
        .putInt(slot)
        .putInt(destination.getPort())
        .put((byte) address.length)
        .put(address)
        .flip();
  }

  private static ByteBuffer start(byte type) {
    return ByteBuffer.allocate(MAX_BYTES).put(type);
  }

  public static byte[] id(ByteBuffer message) throws IOException {
    try {
      byte[] id = new byte[ID_BYTES];
      message.get(id);
      return id;
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }

  public static int number(ByteBuffer message) throws IOException {
    try {
      return message.getInt();
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }

  public static Reason reason(ByteBuffer message) throws IOException {
    return Reason.ofWire(number(message));
  }

  public static InetSocketAddress destination(ByteBuffer message) throws IOException {
    try {
      int port = message.getInt();
      byte[] address = new byte[message.get() == 4 ? 4 : 16];
      message.get(address);
      if (port < 1 || port > 65535) {
        throw new IOException("port " + port);
      }
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (BufferUnderflowException e) {
      throw new IOException("message too short", e);
    }
  }
}

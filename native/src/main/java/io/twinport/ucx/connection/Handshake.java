package io.twinport.ucx.connection;

import io.twinport.config.KernelFile;
import io.twinport.posix.Memory;
import io.twinport.spi.Reason;
import io.twinport.ucx.pipe.Chunk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/**
 * What is said before a connection is up, three messages of fixed sizes, and where their fields
 * are. The client says HELLO; the server reserves a place in the listener's queue and answers with
 * its VERDICT; the client, if that is OK and it has not given up, says CONFIRM and is connected.
 * Only then can the server accept it, so a request that its client gave up never becomes a
 * connection.
 *
 * <pre>
 * HELLO    0 magic:8  8 version:4  12 pid:4 (the client's, as it sees itself; 0 if it does not say)
 * VERDICT  0 magic:8  8 version:4  12 verdict:4
 *         16 reason:32 (a code, zero-padded, if verdict is TCP; if it is OK, pid:4, the server's)
 *         48 family:4 (4, 6; 0 unless OK)  52 port:4  56 address:16   the client's end, as the server sees it
 * CONFIRM  0 magic:8
 * </pre>
 *
 * All in little-endian order. What follows CONFIRM, and VERDICT the other way, are frames.
 */
public final class Handshake {
  public static final int HELLO_BYTES = 16;
  public static final int VERDICT_BYTES = 72;
  public static final int CONFIRM_BYTES = 8;

  /** The client may confirm. */
  public static final int OK = 1;

  /** The backlog is full, for good. */
  public static final int REFUSED = 2;

  /** TCP has to be used, for the reason that is given. */
  public static final int TCP = 3;

  /** Of the three messages and all frames behind them. */
  public static final int VERSION = 1;

  /** "twinport". */
  private static final long MAGIC = 0x74726f706e697774L;

  private static final int VERSION_AT = 8;
  private static final int CLIENTS_PID_AT = 12;
  private static final int VERDICT_AT = 12;
  private static final int SERVERS_PID_AT = 16;
  private static final int REASON_AT = 16;
  private static final int REASON_BYTES = 32;
  private static final int FAMILY_AT = 48;
  private static final int PORT_AT = 52;
  private static final int ADDRESS_AT = 56;

  private static final int PID = (int) KernelFile.pid();

  private Handshake() {}

  /** Whether a message begins as ours do. */
  static boolean isOurs(long message) {
    return Memory.getLong(message) == MAGIC;
  }

  /** Whether HELLO or VERDICT is of the version that is spoken here. */
  static boolean isVersionSpoken(long message) {
    return Memory.getInt(message + VERSION_AT) == spoken();
  }

  private static int spoken() {
    return VERSION;
  }

  /** The client's process, in a HELLO, as it says; 0 if it does not. */
  static int clientsPid(long message) {
    return Math.max(0, Memory.getInt(message + CLIENTS_PID_AT));
  }

  /** The server's process, in a VERDICT that is {@link #OK}. */
  static int serversPid(long message) {
    return Math.max(0, Memory.getInt(message + SERVERS_PID_AT));
  }

  /** Makes a chunk a HELLO. */
  public static void putHello(Chunk chunk) {
    begin(chunk, HELLO_BYTES);
    Memory.putInt(chunk.address() + VERSION_AT, spoken());
    Memory.putInt(chunk.address() + CLIENTS_PID_AT, PID);
  }

  /** Makes a chunk a CONFIRM. */
  public static void putConfirm(Chunk chunk) {
    begin(chunk, CONFIRM_BYTES);
  }

  /** {@link #OK}. */
  public static void putAccepted(Chunk chunk, InetSocketAddress client) {
    putVerdict(chunk, OK);
    Memory.putInt(chunk.address() + SERVERS_PID_AT, PID);
    byte[] address = client.getAddress().getAddress();
    Memory.putInt(chunk.address() + FAMILY_AT, address.length == 4 ? 4 : 6);
    Memory.putInt(chunk.address() + PORT_AT, client.getPort());
    Memory.copy(address, 0, chunk.address() + ADDRESS_AT, address.length);
  }

  /** {@link #REFUSED} if {@code tcp} is null, otherwise {@link #TCP}. */
  public static void putRefused(Chunk chunk, Reason tcp) {
    putVerdict(chunk, tcp == null ? REFUSED : TCP);
    if (tcp != null) {
      byte[] code = tcp.code().getBytes(StandardCharsets.US_ASCII);
      Memory.copy(code, 0, chunk.address() + REASON_AT, Math.min(code.length, REASON_BYTES));
    }
  }

  /** One of {@link #OK}, {@link #REFUSED}, {@link #TCP}, or something that was never sent by us. */
  public static int verdict(long message) {
    return Memory.getInt(message + VERDICT_AT);
  }

  /** Why TCP has to be used; {@link Reason#NO_TWIN} if that is not known here. */
  static Reason reason(long message) {
    byte[] bytes = new byte[REASON_BYTES];
    Memory.copy(message + REASON_AT, bytes, 0, REASON_BYTES);
    String code = new String(bytes, StandardCharsets.US_ASCII).replace("\0", "");
    for (Reason reason : Reason.values()) {
      if (reason.code().equals(code)) {
        return reason;
      }
    }
    return Reason.NO_TWIN;
  }

  /** The client's address as the server sees it; null if there is no proper one. */
  static InetSocketAddress client(long message) {
    int family = Memory.getInt(message + FAMILY_AT);
    int port = Memory.getInt(message + PORT_AT);
    if ((family != 4 && family != 6) || port < 1 || port > 65_535) {
      return null;
    }
    byte[] address = new byte[family == 4 ? 4 : 16];
    Memory.copy(message + ADDRESS_AT, address, 0, address.length);
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void putVerdict(Chunk chunk, int verdict) {
    begin(chunk, VERDICT_BYTES);
    Memory.putInt(chunk.address() + VERSION_AT, spoken());
    Memory.putInt(chunk.address() + VERDICT_AT, verdict);
  }

  private static void begin(Chunk chunk, int bytes) {
    Memory.fill(chunk.address(), bytes, (byte) 0);
    Memory.putLong(chunk.address(), MAGIC);
    chunk.limit = bytes;
  }
}

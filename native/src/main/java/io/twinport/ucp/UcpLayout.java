package io.twinport.ucp;

import io.twinport.posix.Memory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where the fields of UCP's structures are, in bytes, and the constants that go into them; nowhere
 * else in this package is an offset. The same on 64-bit x86 and ARM. Each structure begins with a
 * mask of the fields that are given, so later versions, which add fields at the end, take these.
 *
 * <pre>
 * ucp_params           0 field_mask:8  8 features:8 ...                                     (80)
 * ucp_worker_params    0 field_mask:8  8 thread_mode:4  16 cpu_mask:128  144 events:4 ...   (200)
 * ucp_listener_params  0 field_mask:8  8 addr:8  16 addrlen:4  24 accept_cb:8  32 arg:8
 *                     40 conn_cb:8  48 arg:8                                                 (56)
 * ucp_ep_params        0 field_mask:8  8 address:8  16 err_mode:4  24 err_cb:8  32 arg:8
 *                     40 user_data:8  48 flags:4  56 addr:8  64 addrlen:4  72 conn_request:8
 *                     80 name:8  88 local addr:8  96 addrlen:4                              (104)
 * ucp_conn_request_attr  0 field_mask:8  8 client_address:128  136 client_id:8              (144)
 * ucp_request_param    0 op_attr_mask:4  4 flags:4 ...                                       (72)
 * ucp_stream_poll_ep   0 ep:8  8 user_data:8  16 flags:4  20 reserved:16                     (40)
 * sockaddr_in          0 family:2  2 port:2 (big-endian)  4 address:4                        (16)
 * sockaddr_in6         0 family:2  2 port:2 (big-endian)  4 flow:4  8 address:16  24 scope:4 (28)
 * </pre>
 */
final class UcpLayout {
  static final int PARAMS_SIZE = 80;
  static final int PARAMS_FEATURES = 8;
  static final long PARAMS_HAS_FEATURES = 1;
  static final long FEATURE_WAKEUP = 1 << 4;
  static final long FEATURE_STREAM = 1 << 5;

  static final int WORKER_PARAMS_SIZE = 200;
  static final int WORKER_PARAMS_THREAD_MODE = 8;
  static final long WORKER_PARAMS_HAS_THREAD_MODE = 1;

  /**
   * Any thread at any time ({@code UCS_THREAD_MODE_MULTI}). Callers have a lock, but UCX has a
   * thread of its own, which notes in an endpoint that it is connected; only in this mode do calls
   * keep it out. Otherwise it may put back a flag that is being cleared, and the next receive reads
   * from an empty queue and ends the process (1.13).
   */
  static final int THREAD_MODE_MULTI = 2;

  static final int LISTENER_PARAMS_SIZE = 56;
  static final int LISTENER_PARAMS_ADDRESS = 8;
  static final int LISTENER_PARAMS_ADDRESS_LENGTH = 16;
  static final int LISTENER_PARAMS_CONN_HANDLER = 40;
  static final int LISTENER_PARAMS_CONN_ARGUMENT = 48;
  static final long LISTENER_PARAMS_HAS_ADDRESS = 1;
  static final long LISTENER_PARAMS_HAS_CONN_HANDLER = 1 << 2;

  static final int EP_PARAMS_SIZE = 104;
  static final int EP_PARAMS_ERROR_MODE = 16;
  static final int EP_PARAMS_ERROR_HANDLER = 24;
  static final int EP_PARAMS_USER_DATA = 40;
  static final int EP_PARAMS_FLAGS = 48;
  static final int EP_PARAMS_ADDRESS = 56;
  static final int EP_PARAMS_ADDRESS_LENGTH = 64;
  static final int EP_PARAMS_CONN_REQUEST = 72;
  static final int EP_PARAMS_LOCAL_ADDRESS = 88;
  static final int EP_PARAMS_LOCAL_ADDRESS_LENGTH = 96;
  static final long EP_PARAMS_HAS_ERROR_MODE = 1 << 1;
  static final long EP_PARAMS_HAS_ERROR_HANDLER = 1 << 2;
  static final long EP_PARAMS_HAS_USER_DATA = 1 << 3;
  static final long EP_PARAMS_HAS_ADDRESS = 1 << 4;
  static final long EP_PARAMS_HAS_FLAGS = 1 << 5;
  static final long EP_PARAMS_HAS_CONN_REQUEST = 1 << 6;
  static final long EP_PARAMS_HAS_LOCAL_ADDRESS = 1 << 8;
  static final int EP_FLAG_CLIENT_SERVER = 1;

  /** {@code UCP_ERR_HANDLING_MODE_PEER}: a peer that is gone ends requests, and is reported. */
  static final int ERROR_MODE_PEER = 1;

  static final int CONN_REQUEST_SIZE = 144;
  static final int CONN_REQUEST_CLIENT = 8;
  static final long CONN_REQUEST_HAS_CLIENT = 1;

  static final int REQUEST_PARAM_SIZE = 72;
  static final int REQUEST_PARAM_FLAGS = 4;
  static final int REQUEST_PARAM_HAS_FLAGS = 1 << 4;
  static final int CLOSE_FORCE = 1;

  static final int POLLED_SIZE = 40;
  static final int POLLED_USER_DATA = 8;

  static final int SOCKADDR_SIZE = 28;
  private static final int SOCKADDR_PORT = 2;
  private static final int SOCKADDR_IN_ADDRESS = 4;
  private static final int SOCKADDR_IN_SIZE = 16;
  private static final int SOCKADDR_IN6_ADDRESS = 8;
  private static final int SOCKADDR_IN6_SCOPE = 24;
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;

  private UcpLayout() {}

  /** Writes a {@code sockaddr} and returns its length. */
  static int putSockaddr(long at, InetSocketAddress address) {
    Memory.fill(at, SOCKADDR_SIZE, (byte) 0);
    InetAddress ip = address.getAddress();
    byte[] bytes = ip.getAddress();
    boolean four = ip instanceof Inet4Address;
    Memory.putShort(at, four ? AF_INET : AF_INET6);
    Memory.putShort(at + SOCKADDR_PORT, Short.reverseBytes((short) address.getPort()));
    Memory.copy(bytes, 0, at + (four ? SOCKADDR_IN_ADDRESS : SOCKADDR_IN6_ADDRESS), bytes.length);
    if (ip instanceof java.net.Inet6Address six) {
      Memory.putInt(at + SOCKADDR_IN6_SCOPE, six.getScopeId());
    }
    return four ? SOCKADDR_IN_SIZE : SOCKADDR_SIZE;
  }

  /** Reads a {@code sockaddr}; null if it is of neither family. */
  static InetSocketAddress sockaddr(long at) {
    short family = Memory.getShort(at);
    if (family != AF_INET && family != AF_INET6) {
      return null;
    }
    byte[] bytes = new byte[family == AF_INET ? 4 : 16];
    long from = at + (family == AF_INET ? SOCKADDR_IN_ADDRESS : SOCKADDR_IN6_ADDRESS);
    Memory.copy(from, bytes, 0, bytes.length);
    int port = Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(at + SOCKADDR_PORT)));
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}

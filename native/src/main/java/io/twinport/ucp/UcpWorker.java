package io.twinport.ucp;

import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Closure;
import com.kenai.jffi.ClosureManager;
import com.kenai.jffi.Type;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * A UCP context and its one worker: what endpoints and listeners belong to, and what moves them on.
 * Used by one thread at a time.
 */
public final class UcpWorker implements Closeable {
  /**
   * What happens while the worker moves on or is called. Called on the thread that does so, from
   * within UCX: an upcall notes what it is told, and calls nothing here but {@link #clientAddress}.
   */
  public interface Upcalls {
    /**
     * Somebody wants to connect. {@link #accept} has to be called for each request, once.
     *
     * @param listener as given to {@link #listen}
     */
    void requested(long listener, long request);

    /**
     * An endpoint has failed, or its peer has closed it. It has to be closed with force.
     *
     * @param endpoint as given when it was made
     * @param status one of {@link Status}
     */
    void failed(long endpoint, int status);
  }

  private final LibUcp.Functions ucp;

  /** The code that UCX calls must not be collected. */
  private final Closure.Handle errorHandler;

  private final Closure.Handle connectionHandler;

  private final long context;
  private final long worker;
  private final int fd;

  /** All zeroes: no options. */
  private final long noParam;

  private final long forceParam;

  /** Room for one structure that a call is given, and for what one returns. */
  private final long scratch;

  private final int capacity;
  private final long polled;

  /**
   * @param config settings by name without {@code UCX_}; they win over the environment
   * @param capacity the most endpoints found by one {@link #poll}
   */
  public UcpWorker(Ucp library, Map<String, String> config, int capacity, Upcalls upcalls)
      throws UcpException {
    ucp = library.functions();
    // ucp_err_handler_cb_t: argument, endpoint, status.
    errorHandler =
        closure(
            call -> upcalls.failed(call.getAddress(0), call.getByte(2)),
            Type.POINTER,
            Type.POINTER,
            Type.SINT8);
    // ucp_listener_conn_callback_t: request, argument.
    connectionHandler =
        closure(
            call -> upcalls.requested(call.getAddress(1), call.getAddress(0)),
            Type.POINTER,
            Type.POINTER);
    this.capacity = capacity;
    polled = Memory.allocate((long) capacity * UcpLayout.POLLED_SIZE);
    scratch = Memory.allocate(UcpLayout.WORKER_PARAMS_SIZE + 2L * UcpLayout.SOCKADDR_SIZE);
    noParam = Memory.allocate(UcpLayout.REQUEST_PARAM_SIZE);
    forceParam = Memory.allocate(UcpLayout.REQUEST_PARAM_SIZE);
    Memory.fill(noParam, UcpLayout.REQUEST_PARAM_SIZE, (byte) 0);
    Memory.fill(forceParam, UcpLayout.REQUEST_PARAM_SIZE, (byte) 0);
    Memory.putInt(forceParam, UcpLayout.REQUEST_PARAM_HAS_FLAGS);
    Memory.putInt(forceParam + UcpLayout.REQUEST_PARAM_FLAGS, UcpLayout.CLOSE_FORCE);
    boolean made = false;
    try {
      context = newContext(config);
      made = true;
    } finally {
      if (!made) {
        freeMemory();
      }
    }
    made = false;
    long created = 0;
    try {
      created = newWorker();
      check(ucp.ucp_worker_get_efd(created, scratch), "ucp_worker_get_efd");
      fd = Memory.getInt(scratch);
      worker = created;
      made = true;
    } finally {
      if (!made) {
        if (created != 0) {
          ucp.ucp_worker_destroy(created);
        }
        ucp.ucp_cleanup(context);
        freeMemory();
      }
    }
  }

  /**
   * Code that C can call. Not through JNR-FFI's own annotations, which start a thread and
   * java.util.logging.
   */
  private static Closure.Handle closure(Closure code, Type... parameters) {
    return ClosureManager.getInstance()
        .newClosure(code, Type.VOID, parameters, CallingConvention.DEFAULT);
  }

  private long newContext(Map<String, String> config) throws UcpException {
    check(ucp.ucp_config_read(0, 0, scratch), "ucp_config_read");
    long read = Memory.getLong(scratch);
    try {
      for (Map.Entry<String, String> setting : config.entrySet()) {
        modify(read, setting.getKey(), setting.getValue());
      }
      Memory.fill(scratch, UcpLayout.PARAMS_SIZE, (byte) 0);
      Memory.putLong(scratch, UcpLayout.PARAMS_HAS_FEATURES);
      Memory.putLong(
          scratch + UcpLayout.PARAMS_FEATURES, UcpLayout.FEATURE_STREAM | UcpLayout.FEATURE_WAKEUP);
      long result = scratch + UcpLayout.PARAMS_SIZE;
      check(ucp.ucp_init_version(Ucp.MAJOR, Ucp.MINOR, scratch, read, result), "ucp_init");
      return Memory.getLong(result);
    } finally {
      ucp.ucp_config_release(read);
    }
  }

  private void modify(long config, String name, String value) throws UcpException {
    long nameText = Posix.cString(name);
    long valueText = Posix.cString(value);
    try {
      check(
          ucp.ucp_config_modify(config, nameText, valueText),
          "ucp_config_modify(" + name + "=" + value + ")");
    } finally {
      Memory.free(nameText);
      Memory.free(valueText);
    }
  }

  private long newWorker() throws UcpException {
    Memory.fill(scratch, UcpLayout.WORKER_PARAMS_SIZE, (byte) 0);
    Memory.putLong(scratch, UcpLayout.WORKER_PARAMS_HAS_THREAD_MODE);
    Memory.putInt(scratch + UcpLayout.WORKER_PARAMS_THREAD_MODE, UcpLayout.THREAD_MODE_MULTI);
    long result = scratch + UcpLayout.WORKER_PARAMS_SIZE;
    check(ucp.ucp_worker_create(context, scratch, result), "ucp_worker_create");
    return Memory.getLong(result);
  }

  // -- moving on

  /** Moves on what can be moved on; returns 0 once nothing can. */
  public int progress() {
    return ucp.ucp_worker_progress(worker);
  }

  /**
   * Asks for {@link #fd} to become readable at the next event.
   *
   * @return false if there are events already: {@link #progress} first
   */
  public boolean arm() throws UcpException {
    int status = ucp.ucp_worker_arm(worker);
    if (status == Status.OK) {
      return true;
    }
    if (status == Status.BUSY) {
      return false;
    }
    throw new UcpException(status, "ucp_worker_arm");
  }

  /** The event descriptor, to be polled for reading and for nothing else. */
  public int fd() {
    return fd;
  }

  // -- listeners and endpoints

  /**
   * Listens.
   *
   * @param id comes with each request
   * @return the listener
   * @throws UcpException with {@link Status#BUSY} if the address is in use
   */
  public long listen(InetSocketAddress address, long id) throws UcpException {
    Memory.fill(scratch, UcpLayout.LISTENER_PARAMS_SIZE, (byte) 0);
    Memory.putLong(
        scratch,
        UcpLayout.LISTENER_PARAMS_HAS_ADDRESS | UcpLayout.LISTENER_PARAMS_HAS_CONN_HANDLER);
    long sockaddr = scratch + UcpLayout.LISTENER_PARAMS_SIZE;
    Memory.putLong(scratch + UcpLayout.LISTENER_PARAMS_ADDRESS, sockaddr);
    Memory.putInt(
        scratch + UcpLayout.LISTENER_PARAMS_ADDRESS_LENGTH,
        UcpLayout.putSockaddr(sockaddr, address));
    Memory.putLong(
        scratch + UcpLayout.LISTENER_PARAMS_CONN_HANDLER, connectionHandler.getAddress());
    Memory.putLong(scratch + UcpLayout.LISTENER_PARAMS_CONN_ARGUMENT, id);
    long result = scratch + UcpLayout.WORKER_PARAMS_SIZE;
    check(ucp.ucp_listener_create(worker, scratch, result), "ucp_listener_create(" + address + ")");
    return Memory.getLong(result);
  }

  /** Stops listening. Requests that were announced have been accepted before. */
  public void unlisten(long listener) {
    ucp.ucp_listener_destroy(listener);
  }

  /** Who sent a request, as the connection manager knows; null if it does not. */
  public InetSocketAddress clientAddress(long request) throws UcpException {
    // not the scratch: this may be called from within another call
    long attributes = Memory.allocate(UcpLayout.CONN_REQUEST_SIZE);
    try {
      Memory.fill(attributes, UcpLayout.CONN_REQUEST_SIZE, (byte) 0);
      Memory.putLong(attributes, UcpLayout.CONN_REQUEST_HAS_CLIENT);
      check(ucp.ucp_conn_request_query(request, attributes), "ucp_conn_request_query");
      return UcpLayout.sockaddr(attributes + UcpLayout.CONN_REQUEST_CLIENT);
    } finally {
      Memory.free(attributes);
    }
  }

  /**
   * Makes the server's endpoint of a request, which is used up whether or not this succeeds.
   *
   * @param id comes with failures and from {@link #poll}
   */
  public long accept(long request, long id) throws UcpException {
    beginEndpoint(UcpLayout.EP_PARAMS_HAS_CONN_REQUEST, id);
    Memory.putLong(scratch + UcpLayout.EP_PARAMS_CONN_REQUEST, request);
    return endEndpoint("ucp_ep_create(a request)");
  }

  /**
   * Begins to connect. What is sent meanwhile is sent once the endpoint is connected; if it can't
   * be, it fails.
   *
   * @param local where from, or null
   * @param id comes with failures and from {@link #poll}
   */
  public long connect(InetSocketAddress remote, InetSocketAddress local, long id)
      throws UcpException {
    beginEndpoint(UcpLayout.EP_PARAMS_HAS_FLAGS | UcpLayout.EP_PARAMS_HAS_ADDRESS, id);
    long sockaddr = scratch + UcpLayout.WORKER_PARAMS_SIZE;
    Memory.putInt(scratch + UcpLayout.EP_PARAMS_FLAGS, UcpLayout.EP_FLAG_CLIENT_SERVER);
    Memory.putLong(scratch + UcpLayout.EP_PARAMS_ADDRESS, sockaddr);
    Memory.putInt(
        scratch + UcpLayout.EP_PARAMS_ADDRESS_LENGTH, UcpLayout.putSockaddr(sockaddr, remote));
    if (local != null) {
      long from = sockaddr + UcpLayout.SOCKADDR_SIZE;
      Memory.putLong(scratch, Memory.getLong(scratch) | UcpLayout.EP_PARAMS_HAS_LOCAL_ADDRESS);
      Memory.putLong(scratch + UcpLayout.EP_PARAMS_LOCAL_ADDRESS, from);
      Memory.putInt(
          scratch + UcpLayout.EP_PARAMS_LOCAL_ADDRESS_LENGTH, UcpLayout.putSockaddr(from, local));
    }
    return endEndpoint("ucp_ep_create(" + remote + ")");
  }

  private void beginEndpoint(long fields, long id) {
    Memory.fill(scratch, UcpLayout.EP_PARAMS_SIZE, (byte) 0);
    Memory.putLong(
        scratch,
        fields
            | UcpLayout.EP_PARAMS_HAS_ERROR_MODE
            | UcpLayout.EP_PARAMS_HAS_ERROR_HANDLER
            | UcpLayout.EP_PARAMS_HAS_USER_DATA);
    Memory.putInt(scratch + UcpLayout.EP_PARAMS_ERROR_MODE, UcpLayout.ERROR_MODE_PEER);
    Memory.putLong(scratch + UcpLayout.EP_PARAMS_ERROR_HANDLER, errorHandler.getAddress());
    Memory.putLong(scratch + UcpLayout.EP_PARAMS_USER_DATA, id);
  }

  private long endEndpoint(String call) throws UcpException {
    long result = scratch + UcpLayout.EP_PARAMS_SIZE;
    check(ucp.ucp_ep_create(worker, scratch, result), call);
    return Memory.getLong(result);
  }

  /**
   * Closes an endpoint, which is not used any more from here on. Requests of its that are under way
   * go on to their end.
   *
   * @param force whether what is in flight may be lost; otherwise it is flushed first
   * @return 0 if that is done; a request if it is under way; or a failure's status, which is as
   *     good as done
   */
  public long close(long endpoint, boolean force) {
    return ucp.ucp_ep_close_nbx(endpoint, force ? forceParam : noParam);
  }

  // -- data

  /**
   * Sends.
   *
   * @return 0 if the bytes are not needed any more; a request if they are until it is done; or a
   *     failure's status
   */
  public long send(long endpoint, long address, int length) {
    return ucp.ucp_stream_send_nbx(endpoint, address, length, noParam);
  }

  /**
   * {@link Status#IN_PROGRESS}, or how a request ended; it is to be {@linkplain #free freed} then.
   */
  public int status(long request) {
    return ucp.ucp_request_check_status(request);
  }

  public void free(long request) {
    ucp.ucp_request_free(request);
  }

  /** Finds endpoints that have received something; returns how many, or a failure's status. */
  public int poll() {
    return (int) ucp.ucp_stream_worker_poll(worker, polled, capacity, 0);
  }

  /** What the {@code index}th endpoint found by {@link #poll} was made with. */
  public long polled(int index) {
    return Memory.getLong(
        polled + (long) index * UcpLayout.POLLED_SIZE + UcpLayout.POLLED_USER_DATA);
  }

  /**
   * Takes what an endpoint has received next.
   *
   * @return the address of {@link #receivedLength} bytes, to be {@linkplain #release released}; 0
   *     if there is nothing more; or a failure's status
   */
  public long receive(long endpoint) {
    return ucp.ucp_stream_recv_data_nb(endpoint, scratch);
  }

  /** In bytes. */
  public long receivedLength() {
    return Memory.getLong(scratch);
  }

  public void release(long endpoint, long received) {
    ucp.ucp_stream_data_release(endpoint, received);
  }

  /** Gives everything back. All endpoints and listeners have been closed before. */
  @Override
  public void close() {
    ucp.ucp_worker_destroy(worker);
    ucp.ucp_cleanup(context);
    freeMemory();
  }

  private void freeMemory() {
    Memory.free(polled);
    Memory.free(scratch);
    Memory.free(noParam);
    Memory.free(forceParam);
  }

  private static void check(int status, String call) throws UcpException {
    if (status != Status.OK) {
      throw new UcpException(status, call);
    }
  }
}

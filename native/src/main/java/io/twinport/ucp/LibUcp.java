package io.twinport.ucp;

import jnr.ffi.annotations.IgnoreError;

/**
 * The functions of libucp as C has them. Primitives only: a call allocates nothing. Every pointer
 * and every {@code size_t} is a {@code long}; {@code ucs_status_t} is one signed byte. Public
 * because JNR's implementation of it lives in another class loader; this class around it keeps it
 * in the package.
 */
final class LibUcp {
  private LibUcp() {}

  /** See the class. */
  public interface Functions {
    @IgnoreError
    void ucp_get_version(long major, long minor, long release);

    @IgnoreError
    byte ucp_config_read(long prefix, long file, long config);

    @IgnoreError
    byte ucp_config_modify(long config, long name, long value);

    @IgnoreError
    void ucp_config_release(long config);

    @IgnoreError
    byte ucp_init_version(int major, int minor, long params, long config, long context);

    @IgnoreError
    void ucp_cleanup(long context);

    @IgnoreError
    byte ucp_worker_create(long context, long params, long worker);

    @IgnoreError
    void ucp_worker_destroy(long worker);

    @IgnoreError
    byte ucp_worker_get_efd(long worker, long fd);

    @IgnoreError
    int ucp_worker_progress(long worker);

    @IgnoreError
    byte ucp_worker_arm(long worker);

    @IgnoreError
    byte ucp_listener_create(long worker, long params, long listener);

    @IgnoreError
    void ucp_listener_destroy(long listener);

    @IgnoreError
    byte ucp_conn_request_query(long request, long attributes);

    @IgnoreError
    byte ucp_ep_create(long worker, long params, long endpoint);

    @IgnoreError
    long ucp_ep_close_nbx(long endpoint, long param);

    @IgnoreError
    long ucp_stream_send_nbx(long endpoint, long buffer, long count, long param);

    @IgnoreError
    long ucp_stream_worker_poll(long worker, long polled, long capacity, int flags);

    @IgnoreError
    long ucp_stream_recv_data_nb(long endpoint, long length);

    @IgnoreError
    void ucp_stream_data_release(long endpoint, long data);

    @IgnoreError
    byte ucp_request_check_status(long request);

    @IgnoreError
    void ucp_request_free(long request);
  }
}

/**
 * What people read of the answers of processes: tables, all numbers of a connection, events, the
 * live view with its terminal. Knows no process, and asks none. Start reading at {@link
 * io.twinport.agent.view.StatusReport}.
 */
package io.twinport.agent.view;

/**
 * What every part of Twinport asks of its process and tells its user: values that are set, log
 * lines, the kernel's files, threads. Uses nothing else.
 */
package io.twinport.config;

// Marks the symbols that libcairn exports; everything else stays hidden.

#ifndef CAIRN_EXPORT_H_
#define CAIRN_EXPORT_H_

#define CAIRN_EXPORT __attribute__((visibility("default")))

#endif  // CAIRN_EXPORT_H_

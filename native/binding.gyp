{
  "targets": [
    {
      "target_name": "reuseport",
      "sources": ["<!@(node -p \"require('fs').readdirSync('src').filter(f => f.endsWith('.cc')).map(f => 'src/' + f).join(' ')\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_ENABLE_TYPE_CHECK_ON_AS=0"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-O2", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wno-cast-function-type", "-fvisibility=hidden",
        "-isystem", "<!(node -p \"require('path').relative('build', require('path').dirname(require.resolve('node-addon-api/package.json')))\")"]
    },
    {
      "target_name": "reuseport-lab",
      "type": "executable",
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('lab').filter(f => f.endsWith('.cc')).map(f => 'lab/' + f).join(' ')\")",
        "src/holder_index.cc", "src/namespaces.cc", "src/netlink.cc", "src/options.cc", "src/oracle.cc", "src/port_dump.cc", "src/proc_net.cc", "src/sock_diag.cc", "src/unix_peer.cc"
      ],
      "include_dirs": ["src"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-O2", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-pthread"],
      "ldflags!": ["-rdynamic"],
      "ldflags": ["-pthread"]
    }
  ]
}

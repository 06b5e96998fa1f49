{
  "targets": [
    {
      "target_name": "reuseport",
      "sources": ["<!@(node -p \"['addon', 'common'].flatMap(d => require('fs').readdirSync(d).filter(f => f.endsWith('.cc')).map(f => d + '/' + f)).join(' ')\")"],
      "include_dirs": ["."],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_ENABLE_TYPE_CHECK_ON_AS=0"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-O2", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wno-cast-function-type", "-fvisibility=hidden",
        "-isystem", "<!(node -p \"require('path').relative('build', require('path').dirname(require.resolve('node-addon-api/package.json')))\")"],
      "ldflags": ["<!(node static-flag.mjs -static-libstdc++ libstdc++.a)", "-Wl,--exclude-libs,ALL"]
    },
    {
      "target_name": "reuseport-lab",
      "type": "executable",
      "sources": ["<!@(node -p \"['lab', 'common'].flatMap(d => require('fs').readdirSync(d).filter(f => f.endsWith('.cc')).map(f => d + '/' + f)).join(' ')\")"],
      "include_dirs": ["."],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-O2", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-pthread"],
      "ldflags!": ["-rdynamic"],
      "ldflags": ["-pthread", "<!(node static-flag.mjs -static libc.a libstdc++.a)"]
    }
  ]
}

using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

/// <summary>
/// sd-bus as systemd/sd-bus.h has it, without the calls that take a variable number of arguments. The library is loaded
/// by the first call: a launch that calls none needs no libsystemd.
/// </summary>
internal static unsafe partial class LibSystemd
{
    private const string libsystemd = "libsystemd.so.0";
    private const DllImportSearchPath Search = DllImportSearchPath.System32; // the dynamic linker's own places only

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_open_system(nint* bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_new(nint* bus);

    [LibraryImport(libsystemd, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_set_address(nint bus, string address);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_set_bus_client(nint bus, int b);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_start(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial nint sd_bus_close_unref(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial nint sd_bus_flush_close_unref(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_is_ready(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_get_fd(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_get_events(nint bus);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_get_unique_name(nint bus, byte** name);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_process(nint bus, nint* message);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_wait(nint bus, ulong usec);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_call(nint bus, nint message, ulong usec, void* error, nint* reply);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_send(nint bus, nint message, ulong* cookie);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial void sd_bus_error_free(void* error);

    [LibraryImport(libsystemd, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_new_method_call(
        nint bus, nint* message, string destination, string path, string @interface, string member);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial nint sd_bus_message_unref(nint message);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_set_expect_reply(nint message, int b);

    [LibraryImport(libsystemd, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_is_signal(nint message, string @interface, string member);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_append_basic(nint message, byte type, void* p);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_append_array(nint message, byte type, void* ptr, nuint size);

    [LibraryImport(libsystemd, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_open_container(nint message, byte type, string contents);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_close_container(nint message);

    [LibraryImport(libsystemd, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_enter_container(nint message, byte type, string contents);

    [LibraryImport(libsystemd)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sd_bus_message_read_basic(nint message, byte type, void* p);
}

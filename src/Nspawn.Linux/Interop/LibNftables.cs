using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

/// <summary>nftables/libnftables.h. The library is loaded by the first call: a launch that forwards nothing needs none.</summary>
internal static unsafe partial class LibNftables
{
    private const string libnftables = "libnftables.so.1";
    private const DllImportSearchPath Search = DllImportSearchPath.System32; // the dynamic linker's own places only

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial nint nft_ctx_new(uint flags);

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial void nft_ctx_free(nint context);

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int nft_ctx_buffer_output(nint context);

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int nft_ctx_buffer_error(nint context);

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial byte* nft_ctx_get_error_buffer(nint context);

    [LibraryImport(libnftables)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial byte* nft_ctx_get_output_buffer(nint context);

    [LibraryImport(libnftables, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int nft_run_cmd_from_buffer(nint context, string commands);
}

using System.Runtime.InteropServices;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The kernel's packet filter, by libnftables; nft(8). It is the one of the network the thread is in.</summary>
public static unsafe class Nftables
{
    /// <summary>Carries out commands in nft's language, all of them or none; the error in nft's words, null: it is done.</summary>
    public static string? Run(string commands) => Run(commands, out _);

    /// <summary>The same, with what they print.</summary>
    public static string? Run(string commands, out string output)
    {
        output = "";
        try
        {
            nint context = LibNftables.nft_ctx_new(0);
            if (context == 0)
            {
                return "libnftables does not start";
            }

            _ = LibNftables.nft_ctx_buffer_output(context);
            _ = LibNftables.nft_ctx_buffer_error(context);
            string? error = LibNftables.nft_run_cmd_from_buffer(context, commands) == 0
                ? null
                : FirstLine(Marshal.PtrToStringUTF8((nint)LibNftables.nft_ctx_get_error_buffer(context)));
            output = Marshal.PtrToStringUTF8((nint)LibNftables.nft_ctx_get_output_buffer(context)) ?? "";
            LibNftables.nft_ctx_free(context);
            return error;
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            return "no libnftables.so.1; install it (apt install libnftables1, dnf install nftables)";
        }
    }

    // "<cmd-buffer>:1:1-30: Error: Could not process rule: No such file or directory", and below it the rule.
    private static string FirstLine(string? text)
    {
        const string Mark = "Error: ";
        string line = (text ?? "").Split('\n')[0];
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? line.Length == 0 ? "it failed" : line : line[(at + Mark.Length)..];
    }
}

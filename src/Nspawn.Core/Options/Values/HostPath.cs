namespace Nspawn.Core;

/// <summary>
/// A path on the host, made absolute from the caller's directory. A <c>..</c> stays for the kernel to follow: behind a
/// symbolic link only the kernel knows where it leads.
/// </summary>
public static class HostPath
{
    /// <summary>The absolute path; null when the text is empty, which takes an earlier path back.</summary>
    public static string? Parse(string text, OptionContext context) => text.Length == 0 ? null : Absolute(text, context);

    public static string Absolute(string text, OptionContext context)
    {
        string path = text.StartsWith('/') ? text : $"{context.CurrentDirectory}/{text}";
        return "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."));
    }
}

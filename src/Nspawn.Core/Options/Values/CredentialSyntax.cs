namespace Nspawn.Core;

/// <summary>Credentials on the command line: <c>ID:VALUE</c> and <c>ID:PATH</c>; systemd.exec(5).</summary>
public static class CredentialSyntax
{
    private const int MaxNameLength = 255;

    /// <summary>The value may be written with the escapes of C, so that it can hold any byte.</summary>
    public static Credential Set(string text)
    {
        (string name, string value) = Split(text, "VALUE");
        return new Credential(name, CStrings.Unescape(value), null);
    }

    /// <summary>A path that is no absolute one names a credential that was passed to the launcher itself.</summary>
    public static Credential Load(string text, OptionContext context)
    {
        (string name, string path) = Split(text, "PATH");
        if (path.StartsWith('/'))
        {
            return new Credential(name, null, HostPath.Absolute(path, context));
        }

        if (!IsName(path))
        {
            throw new UsageException("expected ID:PATH, an absolute path or the name of a credential in $CREDENTIALS_DIRECTORY");
        }

        return context.Environment("CREDENTIALS_DIRECTORY") is { Length: > 0 } directory && directory[0] == '/'
            ? new Credential(name, null, $"{directory.TrimEnd('/')}/{path}")
            : throw new UsageException("$CREDENTIALS_DIRECTORY is not set, an absolute path is needed");
    }

    /// <summary>A file name of printable ASCII that could also name a descriptor.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name is not ("." or "..") && name.All(c => c is > ' ' and < '\x7f' and not ('/' or ':'));

    private static (string Name, string Argument) Split(string text, string metavar)
    {
        int colon = text.IndexOf(':');
        return colon >= 0 && IsName(text[..colon])
            ? (text[..colon], text[(colon + 1)..])
            : throw new UsageException($"expected ID:{metavar}, the ID a file name");
    }
}

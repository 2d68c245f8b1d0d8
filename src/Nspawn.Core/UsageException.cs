namespace Nspawn.Core;

/// <summary>The command line or a settings file asks for something that cannot be: names the option, the value and what is accepted.</summary>
public sealed class UsageException(string message) : Exception(message);

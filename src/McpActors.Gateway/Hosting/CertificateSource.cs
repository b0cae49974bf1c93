using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>
/// The certificate of a listener, read again when its files change: connections that are open keep theirs, new ones get the new one. Files that cannot
/// be read, or do not belong together because one was replaced a moment before the other, leave the old one in force.
/// </summary>
internal sealed class CertificateSource
{
    /// <summary>Handshakes look at the files at most this often.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly Lock _lock = new();
    private string _text;
    private long _lookedAt;
    private SslServerAuthenticationOptions _current;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They are not there, or no certificate and its key.</exception>
    public CertificateSource(TlsOptions options, TimeProvider time, Action<string> warn)
    {
        (_options, _time, _warn) = (options, time, warn);
        _text = ReadFiles();
        _current = Parse(options, _text);
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>What a new connection is offered.</summary>
    public SslServerAuthenticationOptions Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < Period)
                return _current;
            _lookedAt = _time.GetTimestamp();
            try
            {
                var text = ReadFiles();
                if (text != _text)
                    (_current, _text) = (Parse(_options, text), text);
            }
            catch (InvalidDataException fault)
            {
                _warn(fault.Message);
            }

            return _current;
        }
    }

    /// <summary>What is wrong with the files of a setting; null when nothing is.</summary>
    public static string? Fault(string setting, TlsOptions options)
    {
        if (!options.IsOn)
            return null;
        try
        {
            _ = new CertificateSource(options, TimeProvider.System, static _ => { });
            return null;
        }
        catch (InvalidDataException fault)
        {
            return $"{setting}: {fault.Message}";
        }
    }

    private string ReadFiles()
    {
        try
        {
            return File.ReadAllText(_options.Certificate!) + "\n" + File.ReadAllText(_options.Key!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"the certificate cannot be read: {fault.Message}", fault);
        }
    }

    private static SslServerAuthenticationOptions Parse(TlsOptions options, string pem)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(pem, pem);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            chain.Remove(leaf);
            return new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true) };
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{options.Certificate} and {options.Key} are no PEM certificate and its key: {fault.Message}", fault);
        }
    }
}

using Parquet;
using Parquet.Schema;
using Serve.Eval;

namespace Serve.Inference.Datasets;

/// <summary>Reads columns of a Parquet file, a row group at a time.</summary>
internal sealed class ParquetTable : IAsyncDisposable
{
    private readonly ParquetReader _reader;
    private readonly string _shown;

    private ParquetTable(ParquetReader reader, string shown) => (_reader, _shown) = (reader, shown);

    /// <summary>Number of row groups.</summary>
    public int Groups => _reader.RowGroupCount;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="shown">Its name in messages.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">It is no Parquet file.</exception>
    public static async Task<ParquetTable> OpenAsync(string path, string shown, CancellationToken ct)
    {
        if (!File.Exists(path))
            throw new InvalidInputException($"{shown}: there is no such file.");
        // Opened here, because the library leaves a file open that it cannot read.
        var file = File.OpenRead(path);
        try
        {
            return new ParquetTable(await ParquetReader.CreateAsync(file, new ParquetOptions(), leaveStreamOpen: false, ct), shown);
        }
        catch (Exception fault)
        {
            await file.DisposeAsync();
            if (fault is IOException or InvalidDataException or NotSupportedException)
                throw new InvalidInputException($"{shown}: not a Parquet file: {fault.Message.TrimEnd('.')}.", fault);
            throw;
        }
    }

    /// <summary>A column of whole numbers, of whatever width.</summary>
    /// <exception cref="InvalidInputException">There is no such column, or it holds something else or nulls.</exception>
    public async Task<long[]> IntegersAsync(int group, string column, CancellationToken ct)
    {
        var field = Field(column);
        if (field.ClrType == typeof(long))
            return await ReadAsync<long, long>(group, field, value => value, ct);
        if (field.ClrType == typeof(int))
            return await ReadAsync<int, long>(group, field, value => value, ct);
        if (field.ClrType == typeof(short))
            return await ReadAsync<short, long>(group, field, value => value, ct);
        if (field.ClrType == typeof(sbyte))
            return await ReadAsync<sbyte, long>(group, field, value => value, ct);
        throw Wrong(column, field, "whole numbers");
    }

    /// <summary>A column of numbers, of whatever width.</summary>
    /// <exception cref="InvalidInputException">There is no such column, or it holds something else or nulls.</exception>
    public async Task<double[]> NumbersAsync(int group, string column, CancellationToken ct)
    {
        var field = Field(column);
        if (field.ClrType == typeof(double))
            return await ReadAsync<double, double>(group, field, value => value, ct);
        if (field.ClrType == typeof(float))
            return await ReadAsync<float, double>(group, field, value => value, ct);
        throw Wrong(column, field, "numbers");
    }

    /// <summary>A column of bytes.</summary>
    /// <exception cref="InvalidInputException">There is no such column, or it holds something else.</exception>
    public async Task<byte[][]> BytesAsync(int group, string column, CancellationToken ct)
    {
        var field = Field(column);
        using var rows = _reader.OpenRowGroupReader(group);
        var values = new byte[]?[rows.RowCount];
        try
        {
            await rows.ReadAsync(field, values.AsMemory(), null, ct);
        }
        catch (ArgumentException)
        {
            throw Wrong(column, field, "bytes");
        }

        return Array.ConvertAll(values, value => value ?? throw HoldsNull(field));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    // Names have dots in them, which a search by path would take for levels.
    private DataField Field(string column) => _reader.Schema.DataFields.FirstOrDefault(field => field.Name == column)
        ?? throw new InvalidInputException($"{_shown}: there is no column \"{column}\"; there are {string.Join(", ", _reader.Schema.DataFields.Select(field => field.Name))}.");

    private async Task<TTo[]> ReadAsync<TFrom, TTo>(int group, DataField field, Func<TFrom, TTo> convert, CancellationToken ct)
        where TFrom : struct
    {
        using var rows = _reader.OpenRowGroupReader(group);
        if (!field.IsNullable)
        {
            var values = new TFrom[rows.RowCount];
            await rows.ReadAsync<TFrom>(field, values.AsMemory(), null, ct);
            return Array.ConvertAll(values, value => convert(value));
        }

        var nullable = new TFrom?[rows.RowCount];
        await rows.ReadAsync<TFrom>(field, nullable.AsMemory(), null, ct);
        return Array.ConvertAll(nullable, value => value is { } there ? convert(there) : throw HoldsNull(field));
    }

    private InvalidInputException HoldsNull(DataField field) => new($"{_shown}: column \"{field.Name}\" holds null; every row needs a value.");

    private InvalidInputException Wrong(string column, DataField field, string wanted)
        => new($"{_shown}: column \"{column}\" holds {field.ClrType.Name}; it must hold {wanted}.");
}

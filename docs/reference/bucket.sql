-- Computes the side of a customer in a Signet migration. For PostgreSQL, without an extension; tested with 15.
--
--   \i bucket.sql
--   select signet_bucket('2026-talkative', '12345');             -- 68257, of 0 to 99999
--   select signet_in('2026-talkative', '12345', '12.5');         -- false: the old vendor
--   select count(*) filter (where signet_in('2026-talkative', id, '12.5')) as "new", count(*) as "all" from customers;
--
-- The salt is the migration's salt, by default the route's name. The value is the value that "stickiness" names, exactly as
-- the gateway gets it. Cast a number to text. PostgreSQL removes the trailing blanks of a char(n). Change nothing else. The
-- percentage is text, not a number. Null gives null, which no filter counts. Every database encoding works except SQL_ASCII.

create or replace function signet_times(a bigint, b bigint) returns bigint      -- the low 32 bits of a product
  language sql immutable strict parallel safe as
$$ select ((a & 65535) * b + ((((a >> 16) * b) & 65535) << 16)) & 4294967295 $$;

create or replace function signet_murmur3(data bytea) returns bigint      -- MurmurHash3_x86_32 with seed 0, unsigned
  language plpgsql immutable strict parallel safe as $$
declare
  size constant integer := length(data);
  hash bigint := 0;
  block bigint;
begin
  for number in 0 .. size / 4 loop      -- the last one is the tail: 0 to 3 bytes
    block := 0;
    for at in reverse least(number * 4 + 4, size) - 1 .. number * 4 loop
      block := (block << 8) | get_byte(data, at);
    end loop;
    block := signet_times(block, 3432918353);
    hash := hash # signet_times(((block << 15) | (block >> 17)) & 4294967295, 461845907);
    if number < size / 4 then
      hash := ((((hash << 13) | (hash >> 19)) & 4294967295) * 5 + 3864292196) & 4294967295;
    end if;
  end loop;
  hash := hash # size;
  hash := signet_times(hash # (hash >> 16), 2246822507);
  hash := signet_times(hash # (hash >> 13), 3266489909);
  return hash # (hash >> 16);
end $$;

create or replace function signet_bucket(salt text, value text) returns integer
  language plpgsql immutable strict parallel safe as
$$ begin return (signet_murmur3(convert_to(salt || ':' || value, 'UTF8')) * 100000) >> 32; end $$;

create or replace function signet_in(salt text, value text, percent text) returns boolean
  language plpgsql immutable strict parallel safe as $$
declare
  thousandths numeric := case when percent ~ '^(0|[1-9][0-9]{0,2})([.][0-9]{1,3})?$' then percent::numeric * 1000 end;
begin
  if thousandths <= 100000 then return signet_bucket(salt, value) < thousandths; end if;
  raise exception 'a percentage is text, 0 to 100, with at most three decimals' using errcode = 'invalid_parameter_value';
end $$;

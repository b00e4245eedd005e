// The owner of a folder, who swaps what is in it as fast as a processor can, until it is killed.
//
//   swapper UID FOLDER MODE VICTIM VAULT
//
// VICTIM is a file and VAULT a folder, both of root. The mode says what becomes a link to them:
//   named      each new file of FOLDER and FOLDER/keys, once it has its name
//   draft      each new file whose name begins with a dot: what is not finished
//   hard       the same, by a hard link
//   old        the key file that is there, again and again
//   keys       FOLDER/keys, again and again
//   settings   FOLDER/signet.json, again and again
//   folder     FOLDER, again and again
// It writes a line when it has begun.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>

static char spare[PATH_MAX];
static char before[64][NAME_MAX + 1];
static int count_before;

// Notes what is there when the round begins, and keeps its place.
static void note (const char *folder)
{
  DIR *open = opendir (folder);
  for (struct dirent *entry; open && (entry = readdir (open));)
    if (count_before < 64)
      strcpy (before[count_before++], entry->d_name);
  if (open)
    closedir (open);
}

static int isNew (const char *name)
{
  for (int index = 0; index < count_before; index++)
    if (!strcmp (before[index], name))
      return 0;
  return 1;
}

// Puts a link to the victim in the place of a file, in one step.
static void replace (const char *path, const char *victim, int hard)
{
  unlink (spare);
  if (hard ? link (victim, spare) : symlink (victim, spare))
    return;
  rename (spare, path);
}

static void replaceNew (const char *folder, const char *mode, const char *victim)
{
  DIR *open = opendir (folder);
  if (!open)
    return;
  for (struct dirent *entry; (entry = readdir (open));) {
    char path[PATH_MAX];
    struct stat found;
    // What is not finished has a name with a dot.
    if (!isNew (entry->d_name) || (entry->d_name[0] == '.') != !!strcmp (mode, "named"))
      continue;
    snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
    if (lstat (path, &found) || !(S_ISREG (found.st_mode) || S_ISSOCK (found.st_mode)) || found.st_nlink > 1)
      continue;
    replace (path, victim, !strcmp (mode, "hard"));
  }
  closedir (open);
}

static void exchange (const char *path, const char *target)
{
  static int made;
  if (!made)
    made = !unlink (spare) | !symlink (target, spare);
  syscall (SYS_renameat2, AT_FDCWD, path, AT_FDCWD, spare, 2 /* RENAME_EXCHANGE */);
}

int main (int count, char **words)
{
  if (count != 6)
    return 2;
  uid_t user = atoi (words[1]);
  const char *folder = words[2], *mode = words[3], *victim = words[4], *vault = words[5];
  if (setgroups (0, NULL) || setgid (user) || setuid (user))
    return 3;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  char keys[PATH_MAX], settings[PATH_MAX], old[PATH_MAX], there[PATH_MAX], configuration[PATH_MAX];
  snprintf (spare, sizeof spare, "%s.spare", folder);
  snprintf (keys, sizeof keys, "%s/keys", folder);
  snprintf (settings, sizeof settings, "%s/signet.json", folder);
  snprintf (old, sizeof old, "%s/keys/talkative.private.pem", folder);
  snprintf (there, sizeof there, "%s/keys", vault);
  snprintf (configuration, sizeof configuration, "%s/signet.json", vault);
  note (folder);
  note (keys);
  puts ("swapping");
  fflush (stdout);
  for (;;) {
    if (!strcmp (mode, "keys"))
      exchange (keys, there);
    else if (!strcmp (mode, "settings"))
      exchange (settings, configuration);
    else if (!strcmp (mode, "folder"))
      exchange (folder, vault);
    else if (!strcmp (mode, "old"))
      exchange (old, victim);
    else {
      replaceNew (folder, mode, victim);
      replaceNew (keys, mode, victim);
    }
    if (!strcmp (mode, "keys") || !strcmp (mode, "settings") || !strcmp (mode, "folder") || !strcmp (mode, "old"))
      // As long as a command takes from one call to the next.
      for (volatile int pause = rand () % 40000; pause; pause--) {}
  }
}
